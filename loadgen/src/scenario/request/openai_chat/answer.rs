//! OpenAI's chat completions: `chat.completion.chunk` and `chat.completion`.

use serde::Deserialize;

use crate::record::Problem;
use crate::scenario::request::openai::read_chunk;
use crate::task::read::{Deltas, ParsedEvent, Presence};

#[derive(Deserialize)]
struct Choice<'a> {
    #[serde(borrow, default)]
    delta: Option<Delta<'a>>,
}

#[derive(Default, Deserialize)]
struct Delta<'a> {
    #[serde(borrow, default)]
    content: Presence<'a>,
    #[serde(borrow, default)]
    reasoning_content: Presence<'a>,
    #[serde(borrow, default)]
    reasoning: Presence<'a>,
    #[serde(borrow, default)]
    refusal: Presence<'a>,
    #[serde(borrow, default)]
    tool_calls: Presence<'a>,
}

impl<'a> From<Choice<'a>> for Deltas<'a> {
    fn from(choice: Choice<'a>) -> Self {
        let delta = choice.delta.unwrap_or_default();
        let output = [delta.content, delta.refusal, delta.tool_calls].map(Self::output);
        let reasoning = [delta.reasoning_content, delta.reasoning].map(Self::reasoning);
        output.into_iter().chain(reasoning).fold(Self::default(), Self::and)
    }
}

pub(super) fn read_event(data: &[u8]) -> Result<ParsedEvent<'_>, Problem> {
    read_chunk::<Choice<'_>>(data)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn deltas(json: &str) -> (bool, bool) {
        let event = read_event(json.as_bytes()).unwrap();
        (event.deltas.content, event.deltas.output)
    }

    #[test]
    fn read_event_empty_delta_has_no_content() {
        let chunk = |delta: &str| {
            deltas(&format!(r#"{{"choices":[{{"index":0,"delta":{delta},"finish_reason":null}}]}}"#))
        };
        assert_eq!(chunk(r#"{"role":"assistant","content":"","refusal":null}"#), (false, false));
        assert_eq!(chunk(r#"{"content":"Foo \"x\" \u00e9"}"#), (true, true));
        assert_eq!(chunk(r#"{"reasoning_content":"hm"}"#), (true, false));
        assert_eq!(chunk(r#"{"reasoning":"hm","content":null}"#), (true, false));
        assert_eq!(chunk(r#"{"content":null,"tool_calls":[{"index":0,"id":"call_1"}]}"#), (true, true));
        assert_eq!(chunk(r#"{"tool_calls":[]}"#), (false, false));
        assert_eq!(chunk("{}"), (false, false));
        assert_eq!(chunk("null"), (false, false));
    }

    #[test]
    fn read_event_any_choice_has_content() {
        assert_eq!(deltas(r#"{"choices":[{"delta":{}},{"delta":{"content":"x"}}]}"#), (true, true));
        assert_eq!(deltas(r#"{"choices":[],"usage":{"completion_tokens":3}}"#), (false, false));
        assert_eq!(deltas(r#"{"id":"x","usage":null}"#), (false, false));
    }

    #[test]
    fn read_event_error_fails_and_null_does_not() {
        let refusal = read_event(br#"{"error":{"message":"gone"}}"#).unwrap_err();
        insta::assert_snapshot!(refusal.detail, @r#"error event: {"message":"gone"}"#);
        assert_eq!(read_event(br#"{"error":null,"choices":[]}"#), Ok(ParsedEvent::default()));
    }
}
