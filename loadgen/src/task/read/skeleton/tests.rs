use proptest::prelude::*;

use crate::record::Problem;

use super::super::dialect::{chat, messages};
use super::*;

fn chunk(text: &str) -> String {
    format!(r#"{{"id":"a","choices":[{{"index":0,"delta":{{"content":"{text}"}},"finish_reason":null}}]}}"#)
}

fn learnt() -> Skeleton {
    let mut skeleton = Skeleton::default();
    let event = chunk("Foo");
    let held = skeleton.learn(event.as_bytes(), chat::event(event.as_bytes()).unwrap());
    assert!(held.deltas.output);
    skeleton
}

#[test]
fn nothing_is_recognised_before_anything_is_learnt() {
    let skeleton = Skeleton::default();
    assert_eq!((skeleton.recognise(b""), skeleton.recognise(chunk("Foo").as_bytes())), (None, None));
}

#[test]
fn an_event_with_another_text_is_recognised() {
    for text in ["x", "two words", "é", r"\n", r#"\"quoted\" \\"#, "{\"".trim_end_matches('"')] {
        assert!(learnt().recognise(chunk(text).as_bytes()).is_some(), "{text}");
    }
}

#[test]
fn what_differs_elsewhere_is_left_to_the_parser() {
    let other_id = chunk("Foo").replace("\"a\"", "\"b\"");
    let two = chunk(r#"a"},"delta":{"content":"b"#);
    let finished = chunk("Foo").replace("null", "\"stop\"");
    for event in [other_id, two, finished, chunk(""), chunk("\\u00e9"), chunk("a\nb"), chunk("a\\")] {
        assert_eq!(learnt().recognise(event.as_bytes()), None, "{event}");
    }
    let broken =
        [&b"{\"id\":\"a\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"\xff"[..], b"\"}}]}"].concat();
    assert_eq!(learnt().recognise(&broken), None);
}

#[test]
fn a_long_event_is_not_kept() {
    let event = chunk(&"x".repeat(EVENT_BYTES_MAX));
    let mut skeleton = Skeleton::default();
    skeleton.learn(event.as_bytes(), chat::event(event.as_bytes()).unwrap());
    assert_eq!((skeleton.recognise(event.as_bytes()), skeleton.event.capacity()), (None, 0));
}

type Parse = fn(&[u8]) -> Result<Held<'_>, Problem>;

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
    /// Whatever came before, what is recognised is what the parser would have said.
    #[test]
    fn what_is_recognised_is_what_the_parser_says(events in events(), is_chat in any::<bool>()) {
        let parse: Parse = if is_chat { chat::event } else { messages::event };
        let mut skeleton = Skeleton::default();
        for event in events {
            let parsed = parse(event.as_bytes());
            if let Some(held) = skeleton.recognise(event.as_bytes()) {
                prop_assert_eq!(Ok(held), parsed.clone().map(Held::without_text), "{}", event);
            }
            if let Ok(held) = parsed {
                skeleton.learn(event.as_bytes(), held);
            }
        }
    }
}
