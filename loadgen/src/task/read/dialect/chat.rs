//! OpenAI's chat completions: `chat.completion.chunk` and `chat.completion`.

use serde::Deserialize;
use serde_json::value::RawValue;

use crate::record::Problem;

use super::super::held::{Deltas, Held, InputDetails, Present, Together, Usage};
use super::super::json::{parse, protocol, refuse};

#[derive(Deserialize)]
struct Chunk<'a> {
    #[serde(borrow, default)]
    choices: Together<'a, Choice<'a>>,
    #[serde(default)]
    usage: Option<Counts>,
    #[serde(borrow, default)]
    error: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct Choice<'a> {
    #[serde(borrow, default)]
    delta: Option<Delta<'a>>,
}

#[derive(Default, Deserialize)]
struct Delta<'a> {
    #[serde(borrow, default)]
    content: Present<'a>,
    #[serde(borrow, default)]
    reasoning_content: Present<'a>,
    #[serde(borrow, default)]
    reasoning: Present<'a>,
    #[serde(borrow, default)]
    refusal: Present<'a>,
    #[serde(borrow, default)]
    tool_calls: Present<'a>,
}

/// `usage` of chat completions, completions and embeddings.
#[derive(Copy, Clone, Debug, Deserialize)]
pub(super) struct Counts {
    #[serde(default)]
    prompt_tokens: Option<u64>,
    #[serde(default)]
    prompt_tokens_details: Option<InputDetails>,
    #[serde(default)]
    completion_tokens: Option<u64>,
}

#[derive(Deserialize)]
struct Answer<'a> {
    #[serde(borrow, default)]
    choices: Present<'a>,
    #[serde(default)]
    usage: Option<Counts>,
}

impl<'a> From<Choice<'a>> for Deltas<'a> {
    fn from(choice: Choice<'a>) -> Self {
        let delta = choice.delta.unwrap_or_default();
        let output = [delta.content, delta.refusal, delta.tool_calls].map(Self::output);
        let reasoning = [delta.reasoning_content, delta.reasoning].map(Self::reasoning);
        output.into_iter().chain(reasoning).fold(Self::default(), Self::and)
    }
}

impl From<Option<Counts>> for Usage {
    fn from(counts: Option<Counts>) -> Self {
        counts.map_or_else(Self::default, |counts| Self {
            input: counts.prompt_tokens,
            cached: counts.prompt_tokens_details.and_then(|details| details.cached_tokens),
            output: counts.completion_tokens,
        })
    }
}

pub(in super::super) fn event(data: &[u8]) -> Result<Held<'_>, Problem> {
    let chunk: Chunk<'_> = parse(data)?;
    refuse(chunk.error)?;
    Ok(Held { deltas: chunk.choices.deltas, usage: chunk.usage.into(), ..Held::default() })
}

/// An answer of one piece; that of completions has the same members.
pub(in super::super) fn answer(body: &[u8]) -> Result<Usage, Problem> {
    let answer: Answer<'_> = parse(body)?;
    if !answer.choices.is_some() {
        return Err(protocol("the answer holds no choices"));
    }
    Ok(answer.usage.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn deltas(json: &str) -> (bool, bool) {
        let held = event(json.as_bytes()).unwrap();
        (held.deltas.content, held.deltas.output)
    }

    #[test]
    fn content_is_what_is_not_empty() {
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
    fn any_choice_of_several_counts() {
        assert_eq!(deltas(r#"{"choices":[{"delta":{}},{"delta":{"content":"x"}}]}"#), (true, true));
        assert_eq!(deltas(r#"{"choices":[],"usage":{"completion_tokens":3}}"#), (false, false));
        assert_eq!(deltas(r#"{"id":"x","usage":null}"#), (false, false));
    }

    #[test]
    fn an_error_is_seen_and_null_is_none() {
        let refusal = event(br#"{"error":{"message":"gone"}}"#).unwrap_err();
        insta::assert_snapshot!(refusal.detail, @r#"error event: {"message":"gone"}"#);
        assert_eq!(event(br#"{"error":null,"choices":[]}"#), Ok(Held::default()));
    }
}
