use weir_model::{Choice, Content, Segment, StepSizes, Text};
use weir_pace::{Amount, Seed};

use super::*;
use crate::api::openai::{
    chat::{head::Tokens, request::CallForm},
    identity::Identity,
    logprobs::Logprobs,
};

fn head(calls: CallForm, logprobs: Option<Logprobs>) -> Head {
    Head {
        reasoning: ReasoningVisibility::Shown,
        identity: Identity { id: "abc".into(), created: 1_700_000_000, model: "my \"model\"".into() },
        service_tier: "default",
        tokens: Tokens { prompt: 9, cached: 0, audio: 0, reasoning: 0 },
        calls,
        logprobs,
    }
}

fn tools() -> CallForm {
    CallForm::Tools { custom: ["run".into()].into() }
}

fn hi() -> Vec<Choice> {
    vec![Choice { segments: vec![segment(SegmentKind::Text, "Hi")], finish: Finish::Stop }]
}

fn written(usage: UsageChunks) -> String {
    encode(ChatFrames::new(head(tools(), None), usage), hi())
}

fn encode(frames: ChatFrames, choices: Vec<Choice>) -> String {
    encode_content(frames, &Content::new(choices))
}

fn encode_content(mut frames: ChatFrames, content: &Content) -> String {
    let mut out = BytesMut::new();
    let mut cursor = content.cursor();
    for _ in 0..content.step_count() {
        cursor.advance(|choice, event| frames.event(&mut out, choice, event));
    }
    frames.close(&mut out, content.token_count());
    String::from_utf8(out.to_vec()).unwrap()
}

/// The rest of each chunk from its choices on.
fn from_choices(encoded: &str) -> String {
    let chunks = encoded.split("\n\n").filter_map(|event| event.split_once("\"choices\":"));
    chunks.map(|(_, choices)| choices.trim_end_matches('}')).collect::<Vec<_>>().join("\n")
}

/// The choices of each chunk.
fn choices(choices: Vec<Choice>) -> String {
    from_choices(&encode(ChatFrames::new(head(tools(), None), UsageChunks::None), choices))
}

fn segment(kind: SegmentKind, text: &str) -> Segment {
    Segment { kind, text: Text::tokenized(text, u32::MAX) }
}

#[test]
fn frames_of_several_choices_are_interleaved() {
    let of = |text, finish| Choice { segments: vec![segment(SegmentKind::Text, text)], finish };
    insta::assert_snapshot!(choices(vec![of("One", Finish::Stop), of("One two", Finish::Length)]), @r#"
    [{"index":0,"delta":{"role":"assistant","content":"","refusal":null},"logprobs":null,"finish_reason":null}]
    [{"index":0,"delta":{"content":"One"},"logprobs":null,"finish_reason":null}]
    [{"index":0,"delta":{},"logprobs":null,"finish_reason":"stop"}]
    [{"index":1,"delta":{"role":"assistant","content":"","refusal":null},"logprobs":null,"finish_reason":null}]
    [{"index":1,"delta":{"content":"One"},"logprobs":null,"finish_reason":null}]
    [{"index":1,"delta":{"content":" two"},"logprobs":null,"finish_reason":null}]
    [{"index":1,"delta":{},"logprobs":null,"finish_reason":"length"}]
    "#);
}

#[test]
fn frames_of_calls_and_reasoning_have_separate_deltas() {
    let call = |name: &str| SegmentKind::ToolCall { name: name.into() };
    let segments =
        vec![segment(SegmentKind::Reasoning, "Hm"), segment(call("find"), "{}"), segment(call("read"), "[]")];
    insta::assert_snapshot!(choices(vec![Choice { segments, finish: Finish::ToolCalls }]), @r#"
    [{"index":0,"delta":{"role":"assistant","content":"","refusal":null},"logprobs":null,"finish_reason":null}]
    [{"index":0,"delta":{"reasoning_content":"Hm"},"logprobs":null,"finish_reason":null}]
    [{"index":0,"delta":{"tool_calls":[{"index":0,"id":"call_abc0000","type":"function","function":{"name":"find","arguments":""}}]},"logprobs":null,"finish_reason":null}]
    [{"index":0,"delta":{"tool_calls":[{"index":0,"function":{"arguments":"{}"}}]},"logprobs":null,"finish_reason":null}]
    [{"index":0,"delta":{"tool_calls":[{"index":1,"id":"call_abc0001","type":"function","function":{"name":"read","arguments":""}}]},"logprobs":null,"finish_reason":null}]
    [{"index":0,"delta":{"tool_calls":[{"index":1,"function":{"arguments":"[]"}}]},"logprobs":null,"finish_reason":null}]
    [{"index":0,"delta":{},"logprobs":null,"finish_reason":"tool_calls"}]
    "#);
    let first = vec![segment(call("find"), "{}")];
    insta::assert_snapshot!(choices(vec![Choice { segments: first, finish: Finish::ToolCalls }]), @r#"
    [{"index":0,"delta":{"role":"assistant","content":null,"tool_calls":[{"index":0,"id":"call_abc0000","type":"function","function":{"name":"find","arguments":""}}]},"logprobs":null,"finish_reason":null}]
    [{"index":0,"delta":{"tool_calls":[{"index":0,"function":{"arguments":"{}"}}]},"logprobs":null,"finish_reason":null}]
    [{"index":0,"delta":{},"logprobs":null,"finish_reason":"tool_calls"}]
    "#);
    let refusal = vec![segment(SegmentKind::Refusal, "No")];
    insta::assert_snapshot!(choices(vec![Choice { segments: refusal, finish: Finish::Refused }]), @r#"
    [{"index":0,"delta":{"role":"assistant","content":"","refusal":null},"logprobs":null,"finish_reason":null}]
    [{"index":0,"delta":{"refusal":"No"},"logprobs":null,"finish_reason":null}]
    [{"index":0,"delta":{},"logprobs":null,"finish_reason":"stop"}]
    "#);
}

#[test]
fn frames_have_the_providers_shape() {
    insta::assert_snapshot!(written(UsageChunks::None), @r#"
    data: {"id":"chatcmpl-abc","object":"chat.completion.chunk","created":1700000000,"model":"my \"model\"","service_tier":"default","system_fingerprint":"fp_weir","choices":[{"index":0,"delta":{"role":"assistant","content":"","refusal":null},"logprobs":null,"finish_reason":null}]}

    data: {"id":"chatcmpl-abc","object":"chat.completion.chunk","created":1700000000,"model":"my \"model\"","service_tier":"default","system_fingerprint":"fp_weir","choices":[{"index":0,"delta":{"content":"Hi"},"logprobs":null,"finish_reason":null}]}

    data: {"id":"chatcmpl-abc","object":"chat.completion.chunk","created":1700000000,"model":"my \"model\"","service_tier":"default","system_fingerprint":"fp_weir","choices":[{"index":0,"delta":{},"logprobs":null,"finish_reason":"stop"}]}

    data: [DONE]
    "#);
}

#[test]
fn frames_with_usage_end_with_a_usage_chunk() {
    insta::assert_snapshot!(written(UsageChunks::Last), @r#"
    data: {"id":"chatcmpl-abc","object":"chat.completion.chunk","created":1700000000,"model":"my \"model\"","service_tier":"default","system_fingerprint":"fp_weir","choices":[{"index":0,"delta":{"role":"assistant","content":"","refusal":null},"logprobs":null,"finish_reason":null}],"usage":null}

    data: {"id":"chatcmpl-abc","object":"chat.completion.chunk","created":1700000000,"model":"my \"model\"","service_tier":"default","system_fingerprint":"fp_weir","choices":[{"index":0,"delta":{"content":"Hi"},"logprobs":null,"finish_reason":null}],"usage":null}

    data: {"id":"chatcmpl-abc","object":"chat.completion.chunk","created":1700000000,"model":"my \"model\"","service_tier":"default","system_fingerprint":"fp_weir","choices":[{"index":0,"delta":{},"logprobs":null,"finish_reason":"stop"}],"usage":null}

    data: {"id":"chatcmpl-abc","object":"chat.completion.chunk","created":1700000000,"model":"my \"model\"","service_tier":"default","system_fingerprint":"fp_weir","choices":[],"usage":{"prompt_tokens":9,"completion_tokens":1,"total_tokens":10,"prompt_tokens_details":{"cached_tokens":0,"audio_tokens":0},"completion_tokens_details":{"reasoning_tokens":0,"audio_tokens":0,"accepted_prediction_tokens":0,"rejected_prediction_tokens":0}}}

    data: [DONE]
    "#);
}
fn call(name: &str, text: &str) -> Choice {
    Choice {
        segments: vec![segment(SegmentKind::ToolCall { name: name.into() }, text)],
        finish: Finish::ToolCalls,
    }
}

#[test]
fn frames_of_custom_tools_and_functions_have_their_shapes() {
    insta::assert_snapshot!(choices(vec![call("run", "ls")]), @r#"
    [{"index":0,"delta":{"role":"assistant","content":null,"tool_calls":[{"index":0,"id":"call_abc0000","type":"custom","custom":{"name":"run","input":""}}]},"logprobs":null,"finish_reason":null}]
    [{"index":0,"delta":{"tool_calls":[{"index":0,"custom":{"input":"ls"}}]},"logprobs":null,"finish_reason":null}]
    [{"index":0,"delta":{},"logprobs":null,"finish_reason":"tool_calls"}]
    "#);
    let function =
        encode(ChatFrames::new(head(CallForm::Function, None), UsageChunks::None), vec![call("find", "{}")]);
    insta::assert_snapshot!(from_choices(&function), @r#"
    [{"index":0,"delta":{"role":"assistant","content":null,"function_call":{"name":"find","arguments":""}},"logprobs":null,"finish_reason":null}]
    [{"index":0,"delta":{"function_call":{"arguments":"{}"}},"logprobs":null,"finish_reason":null}]
    [{"index":0,"delta":{},"logprobs":null,"finish_reason":"function_call"}]
    "#);
}

#[test]
fn answers_have_the_same_calls_as_frames() {
    let content = |name| Content::new(vec![call(name, "{}")]);
    let plain = |calls, name| {
        let body = head(calls, None).plain(&content(name));
        let answer: serde_json::Value = serde_json::from_slice(&body).unwrap();
        answer["choices"].to_string()
    };
    insta::assert_snapshot!(plain(tools(), "find"), @r#"[{"finish_reason":"tool_calls","index":0,"logprobs":null,"message":{"content":null,"refusal":null,"role":"assistant","tool_calls":[{"function":{"arguments":"{}","name":"find"},"id":"call_abc0000","type":"function"}]}}]"#);
    insta::assert_snapshot!(plain(tools(), "run"), @r#"[{"finish_reason":"tool_calls","index":0,"logprobs":null,"message":{"content":null,"refusal":null,"role":"assistant","tool_calls":[{"custom":{"input":"{}","name":"run"},"id":"call_abc0000","type":"custom"}]}}]"#);
    insta::assert_snapshot!(plain(CallForm::Function, "find"), @r#"[{"finish_reason":"function_call","index":0,"logprobs":null,"message":{"content":null,"function_call":{"arguments":"{}","name":"find"},"refusal":null,"role":"assistant"}}]"#);
}

#[test]
fn frames_with_continuous_usage_have_it_in_every_chunk() {
    insta::assert_snapshot!(from_choices(&written(UsageChunks::Every)), @r#"
    [{"index":0,"delta":{"role":"assistant","content":"","refusal":null},"logprobs":null,"finish_reason":null}],"usage":{"prompt_tokens":9,"completion_tokens":0,"total_tokens":9
    [{"index":0,"delta":{"content":"Hi"},"logprobs":null,"finish_reason":null}],"usage":{"prompt_tokens":9,"completion_tokens":1,"total_tokens":10
    [{"index":0,"delta":{},"logprobs":null,"finish_reason":"stop"}],"usage":{"prompt_tokens":9,"completion_tokens":1,"total_tokens":10
    [],"usage":{"prompt_tokens":9,"completion_tokens":1,"total_tokens":10,"prompt_tokens_details":{"cached_tokens":0,"audio_tokens":0},"completion_tokens_details":{"reasoning_tokens":0,"audio_tokens":0,"accepted_prediction_tokens":0,"rejected_prediction_tokens":0
    "#);
}

#[test]
fn logprobs_are_equal_in_answers_and_frames() {
    let logprobs = || Some(Logprobs { seed: Seed::new(1), top: 1 });
    let streamed = encode(ChatFrames::new(head(tools(), logprobs()), UsageChunks::None), hi());
    insta::assert_snapshot!(from_choices(&streamed), @r#"
    [{"index":0,"delta":{"role":"assistant","content":"","refusal":null},"logprobs":null,"finish_reason":null}]
    [{"index":0,"delta":{"content":"Hi"},"logprobs":{"content":[{"token":"Hi","logprob":-0.342979,"bytes":[72,105],"top_logprobs":[{"token":"Hi","logprob":-0.342979,"bytes":[72,105]}]}],"refusal":null},"finish_reason":null}]
    [{"index":0,"delta":{},"logprobs":null,"finish_reason":"stop"}]
    "#);
    let plain = head(tools(), logprobs()).plain(&Content::new(hi()));
    let answer: serde_json::Value = serde_json::from_slice(&plain).unwrap();
    insta::assert_snapshot!(answer["choices"], @r#"[{"finish_reason":"stop","index":0,"logprobs":{"content":[{"bytes":[72,105],"logprob":-0.342979,"token":"Hi","top_logprobs":[{"bytes":[72,105],"logprob":-0.342979,"token":"Hi"}]}],"refusal":null},"message":{"content":"Hi","refusal":null,"role":"assistant"}}]"#);
}

/// The chunks of a stream, in JSON.
fn chunks(encoded: &str) -> Vec<serde_json::Value> {
    let data = encoded.split("\n\n").filter_map(|event| event.strip_prefix("data: {"));
    data.map(|rest| serde_json::from_str(&format!("{{{rest}")).unwrap()).collect()
}

#[test]
fn frames_of_several_tokens_have_logprobs_and_usage_of_each() {
    let choices =
        vec![Choice { segments: vec![segment(SegmentKind::Text, "One two three")], finish: Finish::Stop }];
    let single = Content::new(choices);
    let pairs = single.clone().with_step_sizes(StepSizes::new(&Amount::constant(2), Seed::new(1)));
    let encoded = |content: &Content| {
        let head = head(tools(), Some(Logprobs { seed: Seed::new(1), top: 1 }));
        chunks(&encode_content(ChatFrames::new(head, UsageChunks::Every), content))
    };
    let texts: Vec<_> = encoded(&pairs)
        .iter()
        .filter_map(|chunk| {
            let choice = chunk["choices"].get(0)?;
            let tokens = choice["logprobs"]["content"].as_array()?.len();
            Some((
                choice["delta"]["content"].as_str()?.to_owned(),
                tokens,
                chunk["usage"]["completion_tokens"].as_u64()?,
            ))
        })
        .collect();
    assert_eq!(texts, [("One two".to_owned(), 2, 2), (" three".to_owned(), 1, 3)]);
    let logprobs = |content: &Content| {
        let chunks = encoded(content);
        let entries = chunks.iter().filter_map(|chunk| chunk["choices"][0]["logprobs"]["content"].as_array());
        entries.flatten().cloned().collect::<Vec<_>>()
    };
    assert_eq!(logprobs(&pairs), logprobs(&single));
}

#[test]
fn frames_of_hidden_reasoning_begin_with_the_answer() {
    let hidden = |segments: Vec<Segment>| {
        let head = Head { reasoning: ReasoningVisibility::Hidden, ..head(tools(), None) };
        let choices = vec![Choice { segments, finish: Finish::Stop }];
        from_choices(&encode(ChatFrames::new(head, UsageChunks::None), choices))
    };
    let reasoning = || segment(SegmentKind::Reasoning, "Well, then");
    insta::assert_snapshot!(hidden(vec![reasoning(), segment(SegmentKind::Text, "Hi")]), @r#"
    [{"index":0,"delta":{"role":"assistant","content":"","refusal":null},"logprobs":null,"finish_reason":null}]
    [{"index":0,"delta":{"content":"Hi"},"logprobs":null,"finish_reason":null}]
    [{"index":0,"delta":{},"logprobs":null,"finish_reason":"stop"}]
    "#);
    insta::assert_snapshot!(hidden(vec![reasoning()]), @r#"
    [{"index":0,"delta":{"role":"assistant","content":"","refusal":null},"logprobs":null,"finish_reason":null}]
    [{"index":0,"delta":{},"logprobs":null,"finish_reason":"stop"}]
    "#);
}

#[test]
fn plain_answer_with_hidden_reasoning_counts_it_only() {
    let segments = vec![segment(SegmentKind::Reasoning, "Well, then"), segment(SegmentKind::Text, "Hi")];
    let content = Content::new(vec![Choice { segments, finish: Finish::Stop }]);
    let head = Head { reasoning: ReasoningVisibility::Hidden, ..head(tools(), None) };
    let plain: serde_json::Value = serde_json::from_slice(&head.plain(&content)).unwrap();
    let message = &plain["choices"][0]["message"];
    assert_eq!((&message["content"], message.get("reasoning_content")), (&"Hi".into(), None));
    assert_eq!(plain["usage"]["completion_tokens"], 4);
}
