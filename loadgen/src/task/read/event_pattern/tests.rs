use proptest::prelude::*;

use super::*;
use crate::scenario::events_of;

fn chunk(text: &str) -> String {
    format!(r#"{{"id":"a","choices":[{{"index":0,"delta":{{"content":"{text}"}},"finish_reason":null}}]}}"#)
}

fn learned() -> EventPattern {
    let mut pattern = EventPattern::default();
    let event = chunk("Foo");
    let held =
        pattern.learn(event.as_bytes(), events_of("openai.chat").read_event(event.as_bytes()).unwrap());
    assert!(held.deltas.output);
    pattern
}

#[test]
fn matched_before_learning_is_none() {
    let pattern = EventPattern::default();
    assert_eq!((pattern.matched(b""), pattern.matched(chunk("Foo").as_bytes())), (None, None));
}

#[test]
fn matched_event_with_other_text_is_some() {
    for text in ["x", "two words", "é", r"\n", r#"\"quoted\" \\"#, "{\"".trim_end_matches('"')] {
        assert!(learned().matched(chunk(text).as_bytes()).is_some(), "{text}");
    }
}

#[test]
fn matched_event_that_differs_elsewhere_is_none() {
    let other_id = chunk("Foo").replace("\"a\"", "\"b\"");
    let two = chunk(r#"a"},"delta":{"content":"b"#);
    let finished = chunk("Foo").replace("null", "\"stop\"");
    for event in [other_id, two, finished, chunk(""), chunk("\\u00e9"), chunk("a\nb"), chunk("a\\")] {
        assert_eq!(learned().matched(event.as_bytes()), None, "{event}");
    }
    let broken =
        [&b"{\"id\":\"a\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"\xff"[..], b"\"}}]}"].concat();
    assert_eq!(learned().matched(&broken), None);
}

#[test]
fn learn_long_event_keeps_nothing() {
    let event = chunk(&"x".repeat(EVENT_BYTES_MAX));
    let mut pattern = EventPattern::default();
    pattern.learn(event.as_bytes(), events_of("openai.chat").read_event(event.as_bytes()).unwrap());
    assert_eq!((pattern.matched(event.as_bytes()), pattern.event.capacity()), (None, 0));
}

/// Events as they come and as they may be broken: pieces of JSON around a text.
fn events() -> impl Strategy<Value = Vec<String>> {
    let text = prop_oneof![
        "[a-z \"\\\\é]{0,4}",
        Just(r#"","reasoning_content":"hm"#.to_owned()),
        Just(r#""},"usage":{"output_tokens":3},"x":{"y":""#.to_owned()),
        Just(r"\u00e9".to_owned()),
        Just(r"\n\n".to_owned()),
    ];
    let frame = prop_oneof![
        Just((r#"{"choices":[{"delta":{"content":""#, r#""}}]}"#)),
        Just((r#"{"choices":[{"delta":{"reasoning":""#, r#""}}],"usage":null}"#)),
        Just((r#"{"choices":[{"delta":{"content":"x","reasoning":""#, r#""}}]}"#)),
        Just((r#"{"choices":[{"delta":{"content":""},"finish_reason":""#, r#""}]}"#)),
        Just((r#"{"type":"content_block_delta","delta":{"text":""#, r#""}}"#)),
        Just((r#"{"type":"content_block_delta","delta":{"thinking":""#, r#""}}"#)),
        Just((r#"{"delta":{"text":"x"},"type":""#, r#""}"#)),
    ];
    let event = (frame, text).prop_map(|((before, after), text)| format!("{before}{text}{after}"));
    proptest::collection::vec(event, 1..24)
}

proptest! {
    #[test]
    fn matched_event_equals_parsed_event(events in events(), is_chat in any::<bool>()) {
        let reader = events_of(if is_chat { "openai.chat" } else { "anthropic.messages" });
        let mut pattern = EventPattern::default();
        for event in events {
            let parsed = reader.read_event(event.as_bytes());
            if let Some(held) = pattern.matched(event.as_bytes()) {
                prop_assert_eq!(Ok(held), parsed.clone().map(ParsedEvent::without_text), "{}", event);
            }
            if let Ok(held) = parsed {
                pattern.learn(event.as_bytes(), held);
            }
        }
    }
}
