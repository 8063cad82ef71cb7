//! What counts as content of a chat completion.

use super::*;
use crate::task::read::{EventReader, ParsedEvent};

fn deltas(json: &str) -> (bool, bool) {
    let event = OpenaiChat.read_event(json.as_bytes()).unwrap();
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
    let refusal = OpenaiChat.read_event(br#"{"error":{"message":"gone"}}"#).unwrap_err();
    insta::assert_snapshot!(refusal.detail, @"the server reports an error: gone");
    assert_eq!(OpenaiChat.read_event(br#"{"error":null,"choices":[]}"#), Ok(ParsedEvent::default()));
}
