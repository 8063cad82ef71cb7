use bytes::Bytes;
use weir_model::{Choice, StepSizes, Text};
use weir_pace::{Amount, Seed};

use super::{
    super::items::{Items, ReasoningContent},
    *,
};

fn segment(kind: SegmentKind, text: &str) -> Segment {
    Segment { kind, text: Text::tokenized(text, u32::MAX) }
}

fn call(name: &str) -> SegmentKind {
    SegmentKind::ToolCall { name: name.into() }
}

fn answer(segments: Vec<Segment>, finish: Finish) -> Content {
    Content::new(vec![Choice { segments, finish }])
}

fn head(summaries: Summaries) -> Arc<Head> {
    Arc::new(Head {
        id: "resp_k".to_owned(),
        created: 10,
        completed: 12.into(),
        input_tokens: 9,
        cached_tokens: 0,
        items: Items {
            key: "k".into(),
            summaries,
            reasoning: ReasoningContent::Stored,
            custom: Box::new(["write".into()]),
            logprobs: None,
        },
        echo: Bytes::from_static(b",\"model\":\"m\"}"),
    })
}

fn encode(mut frames: ResponseFrames, content: &Content) -> String {
    let mut out = BytesMut::new();
    frames.open(&mut out);
    let mut cursor = content.cursor();
    for _ in 0..content.step_count().max(1) {
        cursor.advance(|choice, event| Encoder::event(&mut frames, &mut out, choice, event));
    }
    frames.close(&mut out, content.token_count());
    String::from_utf8(out.to_vec()).unwrap()
}

fn stream(content: &Content, summaries: Summaries) -> String {
    encode(ResponseFrames::new(head(summaries), content, Status::InProgress, 0), content)
}

/// The data of each event between the opening and the end, without its number, which rises.
fn middle(content: &Content, summaries: Summaries) -> String {
    let stream = stream(content, summaries);
    let mut lines = Vec::new();
    for (number, event) in stream.split_terminator("\n\n").enumerate() {
        let (name, data) = event.split_once('\n').unwrap();
        let data = data.strip_prefix("data: ").unwrap();
        let json: serde_json::Value = serde_json::from_str(data).unwrap();
        assert_eq!(json["sequence_number"], number);
        assert_eq!(name.strip_prefix("event: "), json["type"].as_str());
        lines.push(data.replace(&format!(",\"sequence_number\":{number}"), ""));
    }
    let last = lines.pop().unwrap();
    assert!(last.contains("\"type\":\"response.completed\""), "{last}");
    lines.split_off(2).join("\n")
}

#[test]
fn frames_of_a_text_have_the_providers_shape() {
    let content = answer(vec![segment(SegmentKind::Text, "Hi \"you\"")], Finish::Stop);
    insta::assert_snapshot!(stream(&content, Summaries::NotWanted), @r#"
    event: response.created
    data: {"type":"response.created","sequence_number":0,"response":{"id":"resp_k","object":"response","created_at":10,"status":"in_progress","completed_at":null,"error":null,"incomplete_details":null,"output":[],"usage":null,"model":"m"}}

    event: response.in_progress
    data: {"type":"response.in_progress","sequence_number":1,"response":{"id":"resp_k","object":"response","created_at":10,"status":"in_progress","completed_at":null,"error":null,"incomplete_details":null,"output":[],"usage":null,"model":"m"}}

    event: response.output_item.added
    data: {"type":"response.output_item.added","sequence_number":2,"output_index":0,"item":{"id":"msg_k00","type":"message","status":"in_progress","role":"assistant","content":[]}}

    event: response.content_part.added
    data: {"type":"response.content_part.added","sequence_number":3,"item_id":"msg_k00","output_index":0,"content_index":0,"part":{"type":"output_text","annotations":[],"logprobs":[],"text":""}}

    event: response.output_text.delta
    data: {"type":"response.output_text.delta","item_id":"msg_k00","output_index":0,"content_index":0,"delta":"Hi","logprobs":[],"sequence_number":4}

    event: response.output_text.delta
    data: {"type":"response.output_text.delta","item_id":"msg_k00","output_index":0,"content_index":0,"delta":" \"","logprobs":[],"sequence_number":5}

    event: response.output_text.delta
    data: {"type":"response.output_text.delta","item_id":"msg_k00","output_index":0,"content_index":0,"delta":"you","logprobs":[],"sequence_number":6}

    event: response.output_text.delta
    data: {"type":"response.output_text.delta","item_id":"msg_k00","output_index":0,"content_index":0,"delta":"\"","logprobs":[],"sequence_number":7}

    event: response.output_text.done
    data: {"type":"response.output_text.done","sequence_number":8,"item_id":"msg_k00","output_index":0,"content_index":0,"text":"Hi \"you\"","logprobs":[]}

    event: response.content_part.done
    data: {"type":"response.content_part.done","sequence_number":9,"item_id":"msg_k00","output_index":0,"content_index":0,"part":{"type":"output_text","annotations":[],"logprobs":[],"text":"Hi \"you\""}}

    event: response.output_item.done
    data: {"type":"response.output_item.done","sequence_number":10,"output_index":0,"item":{"id":"msg_k00","type":"message","status":"completed","role":"assistant","content":[{"type":"output_text","annotations":[],"logprobs":[],"text":"Hi \"you\""}]}}

    event: response.completed
    data: {"type":"response.completed","sequence_number":11,"response":{"id":"resp_k","object":"response","created_at":10,"status":"completed","completed_at":12,"error":null,"incomplete_details":null,"output":[{"id":"msg_k00","type":"message","status":"completed","role":"assistant","content":[{"type":"output_text","annotations":[],"logprobs":[],"text":"Hi \"you\""}]}],"usage":{"input_tokens":9,"input_tokens_details":{"cached_tokens":0,"cache_write_tokens":0},"output_tokens":4,"output_tokens_details":{"reasoning_tokens":0},"total_tokens":13},"model":"m"}}
    "#);
}

#[test]
fn frames_of_a_truncated_text_are_incomplete() {
    let content = answer(vec![segment(SegmentKind::Text, "Hi")], Finish::Length);
    let stream = stream(&content, Summaries::NotWanted);
    let events: Vec<&str> = stream.split_terminator("\n\n").collect();
    insta::assert_snapshot!(events[events.len() - 2..].join("\n"), @r#"
    event: response.output_item.done
    data: {"type":"response.output_item.done","sequence_number":7,"output_index":0,"item":{"id":"msg_k00","type":"message","status":"incomplete","role":"assistant","content":[{"type":"output_text","annotations":[],"logprobs":[],"text":"Hi"}]}}
    event: response.incomplete
    data: {"type":"response.incomplete","sequence_number":8,"response":{"id":"resp_k","object":"response","created_at":10,"status":"incomplete","completed_at":null,"error":null,"incomplete_details":{"reason":"max_output_tokens"},"output":[{"id":"msg_k00","type":"message","status":"incomplete","role":"assistant","content":[{"type":"output_text","annotations":[],"logprobs":[],"text":"Hi"}]}],"usage":{"input_tokens":9,"input_tokens_details":{"cached_tokens":0,"cache_write_tokens":0},"output_tokens":1,"output_tokens_details":{"reasoning_tokens":0},"total_tokens":10},"model":"m"}}
    "#);
}

#[test]
fn frames_of_calls_have_their_events() {
    let content = answer(vec![segment(call("find"), "{}"), segment(call("write"), "a")], Finish::ToolCalls);
    insta::assert_snapshot!(middle(&content, Summaries::NotWanted), @r#"
    {"type":"response.output_item.added","output_index":0,"item":{"id":"fc_k00","type":"function_call","status":"in_progress","call_id":"call_k00","name":"find","arguments":""}}
    {"type":"response.function_call_arguments.delta","item_id":"fc_k00","output_index":0,"delta":"{}"}
    {"type":"response.function_call_arguments.done","item_id":"fc_k00","output_index":0,"arguments":"{}"}
    {"type":"response.output_item.done","output_index":0,"item":{"id":"fc_k00","type":"function_call","status":"completed","call_id":"call_k00","name":"find","arguments":"{}"}}
    {"type":"response.output_item.added","output_index":1,"item":{"id":"ctc_k01","type":"custom_tool_call","status":"in_progress","call_id":"call_k01","name":"write","input":""}}
    {"type":"response.custom_tool_call_input.delta","item_id":"ctc_k01","output_index":1,"delta":"a"}
    {"type":"response.custom_tool_call_input.done","item_id":"ctc_k01","output_index":1,"input":"a"}
    {"type":"response.output_item.done","output_index":1,"item":{"id":"ctc_k01","type":"custom_tool_call","status":"completed","call_id":"call_k01","name":"write","input":"a"}}
    "#);
}

#[test]
fn frames_have_reasoning_only_if_requested() {
    let content =
        answer(vec![segment(SegmentKind::Reasoning, "Hm"), segment(SegmentKind::Text, "Yes")], Finish::Stop);
    insta::assert_snapshot!(middle(&content, Summaries::Wanted), @r#"
    {"type":"response.output_item.added","output_index":0,"item":{"id":"rs_k00","type":"reasoning","summary":[]}}
    {"type":"response.reasoning_summary_part.added","item_id":"rs_k00","output_index":0,"summary_index":0,"part":{"type":"summary_text","text":""}}
    {"type":"response.reasoning_summary_text.delta","item_id":"rs_k00","output_index":0,"summary_index":0,"delta":"Hm"}
    {"type":"response.reasoning_summary_text.done","item_id":"rs_k00","output_index":0,"summary_index":0,"text":"Hm"}
    {"type":"response.reasoning_summary_part.done","item_id":"rs_k00","output_index":0,"summary_index":0,"part":{"type":"summary_text","text":"Hm"}}
    {"type":"response.output_item.done","output_index":0,"item":{"id":"rs_k00","type":"reasoning","summary":[{"type":"summary_text","text":"Hm"}]}}
    {"type":"response.output_item.added","output_index":1,"item":{"id":"msg_k01","type":"message","status":"in_progress","role":"assistant","content":[]}}
    {"type":"response.content_part.added","item_id":"msg_k01","output_index":1,"content_index":0,"part":{"type":"output_text","annotations":[],"logprobs":[],"text":""}}
    {"type":"response.output_text.delta","item_id":"msg_k01","output_index":1,"content_index":0,"delta":"Yes","logprobs":[]}
    {"type":"response.output_text.done","item_id":"msg_k01","output_index":1,"content_index":0,"text":"Yes","logprobs":[]}
    {"type":"response.content_part.done","item_id":"msg_k01","output_index":1,"content_index":0,"part":{"type":"output_text","annotations":[],"logprobs":[],"text":"Yes"}}
    {"type":"response.output_item.done","output_index":1,"item":{"id":"msg_k01","type":"message","status":"completed","role":"assistant","content":[{"type":"output_text","annotations":[],"logprobs":[],"text":"Yes"}]}}
    "#);
    let silent = middle(&content, Summaries::NotWanted);
    insta::assert_snapshot!(silent.lines().take(2).collect::<Vec<_>>().join("\n"), @r#"
    {"type":"response.output_item.added","output_index":0,"item":{"id":"rs_k00","type":"reasoning","summary":[]}}
    {"type":"response.output_item.done","output_index":0,"item":{"id":"rs_k00","type":"reasoning","summary":[]}}
    "#);
}

#[test]
fn frames_of_a_refusal_have_refusal_events() {
    let content = answer(vec![segment(SegmentKind::Refusal, "No")], Finish::Refused);
    insta::assert_snapshot!(middle(&content, Summaries::NotWanted), @r#"
    {"type":"response.output_item.added","output_index":0,"item":{"id":"msg_k00","type":"message","status":"in_progress","role":"assistant","content":[]}}
    {"type":"response.content_part.added","item_id":"msg_k00","output_index":0,"content_index":0,"part":{"type":"refusal","refusal":""}}
    {"type":"response.refusal.delta","item_id":"msg_k00","output_index":0,"content_index":0,"delta":"No"}
    {"type":"response.refusal.done","item_id":"msg_k00","output_index":0,"content_index":0,"refusal":"No"}
    {"type":"response.content_part.done","item_id":"msg_k00","output_index":0,"content_index":0,"part":{"type":"refusal","refusal":"No"}}
    {"type":"response.output_item.done","output_index":0,"item":{"id":"msg_k00","type":"message","status":"completed","role":"assistant","content":[{"type":"refusal","refusal":"No"}]}}
    "#);
}

#[test]
fn frames_from_a_number_equal_the_rest_of_the_stream() {
    let content = answer(vec![segment(SegmentKind::Text, "One two three")], Finish::Stop);
    let whole =
        encode(ResponseFrames::new(head(Summaries::NotWanted), &content, Status::Queued, 0), &content);
    let events: Vec<&str> = whole.split_inclusive("\n\n").collect();
    assert!(events[1].starts_with("event: response.queued"));
    for from in 0..=events.len() {
        let frames = ResponseFrames::new(head(Summaries::NotWanted), &content, Status::Queued, from as u64);
        assert_eq!(encode(frames, &content), events[from..].concat());
    }
}

#[test]
fn frames_end_with_the_plain_answer() {
    let segments = vec![
        segment(SegmentKind::Reasoning, "Hm"),
        segment(SegmentKind::Text, "Yes"),
        segment(call("f"), "{}"),
    ];
    for finish in [Finish::ToolCalls, Finish::Length] {
        let content = answer(segments.clone(), finish);
        let plain = head(Summaries::Wanted).object(Status::Ended(finish), &content);
        let plain = std::str::from_utf8(&plain).unwrap();
        assert!(stream(&content, Summaries::Wanted).ends_with(&format!("\"response\":{plain}}}\n\n")));
    }
}

#[test]
fn frames_of_several_tokens_are_one_delta() {
    let segments = vec![segment(SegmentKind::Text, "One two three"), segment(call("find"), "{}")];
    let content = answer(segments, Finish::ToolCalls);
    let pairs = content.clone().with_step_sizes(StepSizes::new(&Amount::constant(2), Seed::new(1)));
    let deltas = |content: &Content| {
        let middle = middle(content, Summaries::NotWanted);
        let events = middle.lines().map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap());
        events.filter_map(|event| Some(event["delta"].as_str()?.to_owned())).collect::<Vec<_>>()
    };
    assert_eq!(deltas(&pairs), ["One two", " three", "{}"]);
    let rest = |content: &Content| {
        let middle = middle(content, Summaries::NotWanted);
        middle.lines().filter(|line| !line.contains(".delta\"")).map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(rest(&pairs), rest(&content));
}
