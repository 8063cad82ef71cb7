use bytes::BytesMut;
use weir_model::{Choice, Content, Finish, Segment, SegmentKind, StepSizes, Text};
use weir_pace::{Amount, Seed};

use super::*;
use crate::{api::anthropic::cache::CacheUsage, token_stream::Encoder as _};

const CACHED: CacheUsage = CacheUsage { read: 2, created_5m: 3, created_1h: 0 };

fn segment(kind: SegmentKind, text: &str) -> Segment {
    Segment { kind, text: Text::tokenized(text, u32::MAX) }
}

fn call(name: &str, input: &str) -> Segment {
    segment(SegmentKind::ToolCall { name: name.into() }, input)
}

fn content(segments: Vec<Segment>, finish: Finish) -> Content {
    Content::new(vec![Choice { segments, finish }])
}

fn head(content: &Content, more: &str) -> Head {
    let body = format!(
        r#"{{"model": "my \"model\"", "max_tokens": 2000, "messages": [{{"role": "user", "content": "x"}}]{more}}}"#
    );
    let request = Request::read(Version::V2023, body.as_bytes()).unwrap();
    Head::new("abc", &request, 10, CACHED, content)
}

fn plain(content: &Content, more: &str) -> String {
    let body = head(content, more).plain(content);
    serde_json::from_slice::<serde_json::Value>(&body).unwrap();
    String::from_utf8(body.to_vec()).unwrap()
}

fn streamed(content: &Content, more: &str) -> String {
    let (mut frames, mut out) = (MessageFrames::new(head(content, more)), BytesMut::new());
    let mut cursor = content.cursor();
    for _ in 0..content.step_count().max(1) {
        cursor.advance(|choice, event| frames.event(&mut out, choice, event));
    }
    frames.close(&mut out, content.token_count());
    String::from_utf8(out.to_vec()).unwrap()
}

/// The events without those around the blocks, and without what each event has twice: its name.
fn blocks(content: &Content, more: &str) -> String {
    let streamed = streamed(content, more);
    let data = streamed.lines().filter_map(|line| line.strip_prefix("data: "));
    data.filter(|data| !data.contains("message_")).collect::<Vec<_>>().join("\n")
}

const OMITTED: &str = r#", "thinking": {"type": "adaptive", "display": "omitted"}"#;

#[test]
fn message_has_the_providers_shape() {
    let text = content(vec![segment(SegmentKind::Text, "Say \"hi\"")], Finish::Stop);
    insta::assert_snapshot!(plain(&text, ""), @r#"{"model":"my \"model\"","id":"msg_01abc","type":"message","role":"assistant","content":[{"type":"text","text":"Say \"hi\""}],"stop_reason":"end_turn","stop_sequence":null,"stop_details":null,"usage":{"input_tokens":5,"cache_creation_input_tokens":3,"cache_read_input_tokens":2,"cache_creation":{"ephemeral_5m_input_tokens":3,"ephemeral_1h_input_tokens":0},"output_tokens":4,"output_tokens_details":{"thinking_tokens":0},"service_tier":"standard","inference_geo":"global"}}"#);
    let stopped = content(vec![segment(SegmentKind::Text, "One ")], Finish::StopSequence(1));
    insta::assert_snapshot!(plain(&stopped, r#", "stop_sequences": ["a", "\"b\""]"#), @r#"{"model":"my \"model\"","id":"msg_01abc","type":"message","role":"assistant","content":[{"type":"text","text":"One "}],"stop_reason":"stop_sequence","stop_sequence":"\"b\"","stop_details":null,"usage":{"input_tokens":5,"cache_creation_input_tokens":3,"cache_read_input_tokens":2,"cache_creation":{"ephemeral_5m_input_tokens":3,"ephemeral_1h_input_tokens":0},"output_tokens":2,"output_tokens_details":{"thinking_tokens":0},"service_tier":"standard","inference_geo":"global"}}"#);
    let refused = content(vec![segment(SegmentKind::Refusal, "No.")], Finish::Refused);
    insta::assert_snapshot!(plain(&refused, ""), @r#"{"model":"my \"model\"","id":"msg_01abc","type":"message","role":"assistant","content":[{"type":"text","text":"No."}],"stop_reason":"refusal","stop_sequence":null,"stop_details":{"type":"refusal","category":null,"explanation":null},"usage":{"input_tokens":5,"cache_creation_input_tokens":3,"cache_read_input_tokens":2,"cache_creation":{"ephemeral_5m_input_tokens":3,"ephemeral_1h_input_tokens":0},"output_tokens":2,"output_tokens_details":{"thinking_tokens":0},"service_tier":"standard","inference_geo":"global"}}"#);
    let nothing = content(vec![segment(SegmentKind::Text, "")], Finish::Length);
    insta::assert_snapshot!(plain(&nothing, ""), @r#"{"model":"my \"model\"","id":"msg_01abc","type":"message","role":"assistant","content":[],"stop_reason":"max_tokens","stop_sequence":null,"stop_details":null,"usage":{"input_tokens":5,"cache_creation_input_tokens":3,"cache_read_input_tokens":2,"cache_creation":{"ephemeral_5m_input_tokens":3,"ephemeral_1h_input_tokens":0},"output_tokens":0,"output_tokens_details":{"thinking_tokens":0},"service_tier":"standard","inference_geo":"global"}}"#);
}

#[test]
fn message_with_reasoning_and_calls_has_separate_blocks() {
    let all =
        content(vec![segment(SegmentKind::Reasoning, "Hm"), call("find", r#"{"a":1}"#)], Finish::ToolCalls);
    insta::assert_snapshot!(plain(&all, ""), @r#"{"model":"my \"model\"","id":"msg_01abc","type":"message","role":"assistant","content":[{"type":"thinking","thinking":"Hm","signature":"78af5f94892f39506b4467b443c76228e2af69bada306fecc098c3086bccefa07f91593e1175bb135599169c9856140b"},{"type":"tool_use","id":"toolu_01abc1","name":"find","caller":{"type":"direct"},"input":{"a":1}}],"stop_reason":"tool_use","stop_sequence":null,"stop_details":null,"usage":{"input_tokens":5,"cache_creation_input_tokens":3,"cache_read_input_tokens":2,"cache_creation":{"ephemeral_5m_input_tokens":3,"ephemeral_1h_input_tokens":0},"output_tokens":6,"output_tokens_details":{"thinking_tokens":1},"service_tier":"standard","inference_geo":"global"}}"#);
    assert!(plain(&all, OMITTED).contains(r#"{"type":"thinking","thinking":"","signature":""#));
}

#[test]
fn message_with_truncated_call_has_empty_input() {
    let cut = content(vec![call("find", r#"{"a":"#)], Finish::Length);
    assert!(plain(&cut, "").contains(r#""input":{}}],"stop_reason":"max_tokens""#));
}

#[test]
fn frames_have_the_providers_shape() {
    let text = content(vec![segment(SegmentKind::Text, "Hi \"you\"")], Finish::Length);
    insta::assert_snapshot!(streamed(&text, ""), @r#"
    event: message_start
    data: {"type":"message_start","message":{"model":"my \"model\"","id":"msg_01abc","type":"message","role":"assistant","content":[],"stop_reason":null,"stop_sequence":null,"stop_details":null,"usage":{"input_tokens":5,"cache_creation_input_tokens":3,"cache_read_input_tokens":2,"cache_creation":{"ephemeral_5m_input_tokens":3,"ephemeral_1h_input_tokens":0},"output_tokens":1,"output_tokens_details":{"thinking_tokens":0},"service_tier":"standard","inference_geo":"global"}}}

    event: content_block_start
    data: {"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}

    event: ping
    data: {"type": "ping"}

    event: content_block_delta
    data: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"Hi"}}

    event: content_block_delta
    data: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":" \""}}

    event: content_block_delta
    data: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"you"}}

    event: content_block_delta
    data: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"\""}}

    event: content_block_stop
    data: {"type":"content_block_stop","index":0}

    event: message_delta
    data: {"type":"message_delta","delta":{"stop_reason":"max_tokens","stop_sequence":null,"stop_details":null},"usage":{"input_tokens":5,"cache_creation_input_tokens":3,"cache_read_input_tokens":2,"output_tokens":4,"output_tokens_details":{"thinking_tokens":0}}}

    event: message_stop
    data: {"type":"message_stop"}
    "#);
    let nothing = content(vec![segment(SegmentKind::Text, "")], Finish::Length);
    assert_eq!(streamed(&nothing, "").matches("event: ").count(), 3);
}

#[test]
fn frames_of_a_call_begin_with_an_empty_delta() {
    let calls = content(vec![call("find", "{}"), call("read", "{\"a\":1}")], Finish::ToolCalls);
    insta::assert_snapshot!(blocks(&calls, ""), @r#"
    {"type":"content_block_start","index":0,"content_block":{"type":"tool_use","id":"toolu_01abc0","name":"find","caller":{"type":"direct"},"input":{}}}
    {"type": "ping"}
    {"type":"content_block_delta","index":0,"delta":{"type":"input_json_delta","partial_json":""}}
    {"type":"content_block_delta","index":0,"delta":{"type":"input_json_delta","partial_json":"{}"}}
    {"type":"content_block_stop","index":0}
    {"type":"content_block_start","index":1,"content_block":{"type":"tool_use","id":"toolu_01abc1","name":"read","caller":{"type":"direct"},"input":{}}}
    {"type":"content_block_delta","index":1,"delta":{"type":"input_json_delta","partial_json":""}}
    {"type":"content_block_delta","index":1,"delta":{"type":"input_json_delta","partial_json":"{\""}}
    {"type":"content_block_delta","index":1,"delta":{"type":"input_json_delta","partial_json":"a"}}
    {"type":"content_block_delta","index":1,"delta":{"type":"input_json_delta","partial_json":"\":"}}
    {"type":"content_block_delta","index":1,"delta":{"type":"input_json_delta","partial_json":"1"}}
    {"type":"content_block_delta","index":1,"delta":{"type":"input_json_delta","partial_json":"}"}}
    {"type":"content_block_stop","index":1}
    "#);
}

#[test]
fn frames_of_reasoning_end_with_a_signature() {
    let thought = content(
        vec![segment(SegmentKind::Reasoning, "Hm hm"), segment(SegmentKind::Text, "Yes")],
        Finish::Stop,
    );
    insta::assert_snapshot!(blocks(&thought, ""), @r#"
    {"type":"content_block_start","index":0,"content_block":{"type":"thinking","thinking":"","signature":""}}
    {"type": "ping"}
    {"type":"content_block_delta","index":0,"delta":{"type":"thinking_delta","thinking":"Hm"}}
    {"type":"content_block_delta","index":0,"delta":{"type":"thinking_delta","thinking":" hm"}}
    {"type":"content_block_delta","index":0,"delta":{"type":"signature_delta","signature":"78af5f94892f39506b4467b443c76228e2af69bada306fecc098c3086bccefa07f91593e1175bb135599169c9856140b"}}
    {"type":"content_block_stop","index":0}
    {"type":"content_block_start","index":1,"content_block":{"type":"text","text":""}}
    {"type":"content_block_delta","index":1,"delta":{"type":"text_delta","text":"Yes"}}
    {"type":"content_block_stop","index":1}
    "#);
    assert!(!streamed(&thought, OMITTED).contains("thinking_delta"));
    assert!(streamed(&thought, OMITTED).contains("signature_delta"));
}

#[test]
fn frames_of_several_tokens_are_one_delta() {
    let segments =
        vec![segment(SegmentKind::Reasoning, "Hm hm"), segment(SegmentKind::Text, "One two three")];
    let single = content(segments, Finish::Stop);
    let pairs = single.clone().with_step_sizes(StepSizes::new(&Amount::constant(2), Seed::new(1)));
    let deltas = |content: &Content| {
        let blocks = blocks(content, "");
        let events = blocks.lines().map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap());
        let deltas = events.filter_map(|event| {
            let delta = &event["delta"];
            delta["text"].as_str().or_else(|| delta["thinking"].as_str()).map(str::to_owned)
        });
        deltas.collect::<Vec<_>>()
    };
    assert_eq!(deltas(&pairs).concat(), deltas(&single).concat());
    assert_eq!(deltas(&pairs).last().map(String::as_str), Some(" three"));
    assert!(deltas(&pairs).len() < deltas(&single).len());
    let usage = |content: &Content| streamed(content, "").split_once("message_delta").unwrap().1.to_owned();
    assert_eq!(usage(&pairs), usage(&single));
}
