use bytes::BytesMut;
use weir_model::{Choice, Content, Finish, Schemas, Segment, SegmentKind, StepSizes, Text, TokenCounter};
use weir_pace::{Amount, Seed};

use super::{
    frames::CompletionFrames,
    head::Head,
    request::{CompletionRequest, Echo},
};
use crate::{
    api::openai::{identity::Identity, logprobs::Logprobs, sampling::UsageChunks},
    request::Problem,
    token_stream::Encoder as _,
};

fn fault(body: &str) -> String {
    let Problem { message, param, code, .. } =
        CompletionRequest::read(body.as_bytes(), &TokenCounter::new(), &Schemas::new()).unwrap_err();
    format!("{} {} {message}", param.as_deref().unwrap_or("-"), code.unwrap_or("-"))
}

#[test]
fn read_prompt_accepts_texts_tokens_and_lists() {
    let counter = TokenCounter::new();
    for (prompt, tokens, choices) in [
        (r#""Hello there""#, 2, 1),
        (r#"["Hello there", "you"]"#, 3, 2),
        ("[1, 2, 3]", 3, 1),
        ("[[1, 2], [3]]", 3, 2),
        ("null", 7, 1),
    ] {
        let body = format!(r#"{{"prompt": {prompt}}}"#);
        let request = CompletionRequest::read(body.as_bytes(), &counter, &Schemas::new()).unwrap();
        let generation_request = request.generation_request;
        assert_eq!(
            (
                generation_request.prompt_tokens,
                generation_request.more_choices + 1,
                generation_request.max_tokens
            ),
            (tokens, choices, Some(16)),
            "{prompt}"
        );
    }
    let body = br#"{"prompt": ["One", [2]], "echo": true}"#;
    assert!(CompletionRequest::read(body, &counter, &Schemas::new()).is_err());
}

#[test]
fn read_invalid_body_names_the_path() {
    let faults = [
        r#"{"prompt": 5}"#,
        r#"{"prompt": []}"#,
        r#"{"prompt": ["a", 5]}"#,
        r#"{"prompt": [4000000000], "echo": true}"#,
        r#"{"prompt": "a", "n": 3, "best_of": 2}"#,
        r#"{"prompt": "a", "stream": true, "best_of": 2}"#,
        r#"{"prompt": "a", "logprobs": true}"#,
        r#"{"prompt": "a", "suffix": 5}"#,
    ];
    insta::assert_snapshot!(faults.map(fault).join("\n"), @"
    prompt invalid_type Invalid type for 'prompt': expected one of a string, array of strings, array of integers or array of arrays of integers, but got an integer instead.
    prompt empty_array Invalid 'prompt': empty array. Expected an array with minimum length 1, but got an empty array instead.
    prompt[1] invalid_type Invalid type for 'prompt[1]': expected a string, but got an integer instead.
    prompt invalid_value Invalid 'prompt': its tokens make no text in the vocabulary o200k_base.
    best_of invalid_value Invalid 'best_of': 3 choices cannot be the best of 2.
    best_of invalid_value Invalid 'best_of': which choices are the best is known at their end, so they cannot be streamed.
    logprobs invalid_type Invalid type for 'logprobs': expected an integer, but got a boolean instead.
    suffix invalid_type Invalid type for 'suffix': expected a string, but got an integer instead.
    ");
}

fn head() -> Head {
    Head {
        identity: Identity { id: "abc".into(), created: 1_700_000_000, model: "m".into() },
        prompt_tokens: 2,
        echo: Some(Echo { prompts: vec!["Où là".into()], choices: 1 }),
        logprobs: Some(Logprobs { seed: Seed::new(1), top: 1 }),
    }
}

fn content() -> Content {
    let segment = Segment { kind: SegmentKind::Text, text: Text::tokenized(" bas", u32::MAX) };
    Content::new(vec![Choice { segments: vec![segment], finish: Finish::Length }])
}

#[test]
fn answer_with_echo_repeats_the_prompt_with_logprobs() {
    let plain = head().plain(&content());
    insta::assert_snapshot!(std::str::from_utf8(&plain).unwrap(), @r#"{"id":"cmpl-abc","object":"text_completion","created":1700000000,"model":"m","system_fingerprint":"fp_weir","choices":[{"text":"Où là bas","index":0,"logprobs":{"tokens":["O","ù"," là"," bas"],"token_logprobs":[null,-0.641698,-2.609820,-0.007434],"top_logprobs":[null,{"ù":-0.641698},{" là":-2.609820},{" bas":-0.007434}],"text_offset":[0,1,2,5]},"finish_reason":"length"}],"usage":{"prompt_tokens":2,"completion_tokens":1,"total_tokens":3}}"#);
}

#[test]
fn frames_concatenate_to_the_answer() {
    let (content, mut out) = (content(), BytesMut::new());
    let mut frames = CompletionFrames::new(head(), UsageChunks::Last);
    let mut cursor = content.cursor();
    for _ in 0..content.step_count() {
        cursor.advance(|choice, event| frames.event(&mut out, choice, event));
    }
    frames.close(&mut out, content.token_count());
    insta::assert_snapshot!(std::str::from_utf8(&out).unwrap(), @r#"
    data: {"id":"cmpl-abc","object":"text_completion","created":1700000000,"model":"m","system_fingerprint":"fp_weir","choices":[{"text":"Où là","index":0,"logprobs":{"tokens":["O","ù"," là"],"token_logprobs":[null,-0.641698,-2.609820],"top_logprobs":[null,{"ù":-0.641698},{" là":-2.609820}],"text_offset":[0,1,2]},"finish_reason":null}],"usage":null}

    data: {"id":"cmpl-abc","object":"text_completion","created":1700000000,"model":"m","system_fingerprint":"fp_weir","choices":[{"text":" bas","index":0,"logprobs":{"tokens":[" bas"],"token_logprobs":[-0.007434],"top_logprobs":[{" bas":-0.007434}],"text_offset":[5]},"finish_reason":null}],"usage":null}

    data: {"id":"cmpl-abc","object":"text_completion","created":1700000000,"model":"m","system_fingerprint":"fp_weir","choices":[{"text":"","index":0,"logprobs":null,"finish_reason":"length"}],"usage":null}

    data: {"id":"cmpl-abc","object":"text_completion","created":1700000000,"model":"m","system_fingerprint":"fp_weir","choices":[],"usage":{"prompt_tokens":2,"completion_tokens":1,"total_tokens":3}}

    data: [DONE]
    "#);
}

#[test]
fn frames_of_several_tokens_have_the_logprobs_of_each() {
    let segment = Segment { kind: SegmentKind::Text, text: Text::tokenized(" bas, là bas", u32::MAX) };
    let single = Content::new(vec![Choice { segments: vec![segment], finish: Finish::Length }]);
    let triples = single.clone().with_step_sizes(StepSizes::new(&Amount::constant(3), Seed::new(1)));
    let encode = |content: &Content| {
        let mut out = BytesMut::new();
        let mut frames = CompletionFrames::new(Head { echo: None, ..head() }, UsageChunks::Every);
        let mut cursor = content.cursor();
        for _ in 0..content.step_count() {
            cursor.advance(|choice, event| frames.event(&mut out, choice, event));
        }
        frames.close(&mut out, content.token_count());
        let encoded = String::from_utf8(out.to_vec()).unwrap();
        let data = encoded.split("\n\n").filter_map(|event| event.strip_prefix("data: {"));
        data.map(|rest| serde_json::from_str(&format!("{{{rest}")).unwrap())
            .collect::<Vec<serde_json::Value>>()
    };
    let listed = |content: &Content, list: &str| {
        let chunks = encode(content);
        let entries = chunks.iter().filter_map(|chunk| chunk["choices"][0]["logprobs"][list].as_array());
        entries.flatten().cloned().collect::<Vec<_>>()
    };
    for list in ["tokens", "token_logprobs", "top_logprobs", "text_offset"] {
        assert_eq!(listed(&triples, list), listed(&single, list), "{list}");
    }
    let first = &encode(&triples)[0];
    assert_eq!(
        (&first["choices"][0]["text"], &first["usage"]["completion_tokens"]),
        (&" bas, là".into(), &3.into())
    );
}
