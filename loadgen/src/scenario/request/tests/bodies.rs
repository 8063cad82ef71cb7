//! Plain answers of each API.

use super::*;
use crate::record::{FailureKind, Problem};
use crate::task::read::{BodyReader, Usage};

fn usage(input: u64, output: u64) -> Result<Usage, Problem> {
    Ok(Usage { input: Some(input), output: Some(output), ..Usage::default() })
}

/// Reads the usage of a body that has content, or is no answer of a model.
fn usage_of(reader: &dyn BodyReader, body: &[u8]) -> Result<Usage, Problem> {
    reader.read_body(body).map(|content| content.usage)
}

#[test]
fn read_body_chat_returns_usage() {
    let choices = r#""choices":[{"message":{"content":"hi"}}]"#;
    let counts = r#""usage":{"prompt_tokens":3,"completion_tokens":64}"#;
    let chat = |body: &str| usage_of(&OpenaiChat, body.as_bytes());
    assert_eq!(chat(&format!("{{{choices},{counts}}}")), usage(3, 64));
    assert_eq!(chat(&format!("{{{choices},\"usage\":null}}")), Ok(Usage::default()));
    assert_eq!(chat(&format!("{{\"choices\":[],{counts}}}")).unwrap_err().kind, FailureKind::Protocol);
    assert_eq!(chat("<html>").unwrap_err().kind, FailureKind::Protocol);
}

#[test]
fn read_body_of_each_api_reads_its_names() {
    let text = br#"{"object":"text_completion","choices":[{"text":"hi","index":0}],"usage":{"prompt_tokens":2,"completion_tokens":1,"total_tokens":3}}"#;
    assert_eq!(usage_of(&OpenaiCompletions, text), usage(2, 1));
    let response = br#"{"object":"response","status":"completed","error":null,"output":[{"type":"message"}],"usage":{"input_tokens":36,"output_tokens":87,"total_tokens":123}}"#;
    assert_eq!(usage_of(&OpenaiResponses, response), usage(36, 87));
    let embedding = br#"{"object":"list","data":[{"object":"embedding","index":0,"embedding":"AAAA"}],"usage":{"prompt_tokens":8,"total_tokens":8}}"#;
    assert_eq!(usage_of(&OpenaiEmbeddings, embedding), Ok(Usage { input: Some(8), ..Usage::default() }));
    let message = br#"{"id":"msg_1","type":"message","role":"assistant","content":[{"type":"text","text":"Hi"}],"stop_reason":"end_turn","usage":{"input_tokens":10,"cache_creation_input_tokens":5,"cache_read_input_tokens":100,"output_tokens":6}}"#;
    let cached = Usage { input: Some(115), cached: Some(100), output: Some(6), is_odd: false };
    assert_eq!(usage_of(&AnthropicMessages, message), Ok(cached));
}

#[test]
fn read_body_with_details_returns_cached_tokens() {
    let chat = br#"{"choices":[{}],"usage":{"prompt_tokens":30,"completion_tokens":2,"prompt_tokens_details":{"cached_tokens":20,"audio_tokens":0}}}"#;
    let response = br#"{"output":[],"usage":{"input_tokens":30,"input_tokens_details":{"cached_tokens":20},"output_tokens":2}}"#;
    let cached = Ok(Usage { input: Some(30), cached: Some(20), output: Some(2), is_odd: false });
    assert_eq!((usage_of(&OpenaiChat, chat), usage_of(&OpenaiResponses, response)), (cached.clone(), cached));
}

#[test]
fn read_body_of_another_kind_fails() {
    let failed_with = |reader: &dyn BodyReader, body: &str| {
        let problem = reader.read_body(body.as_bytes()).unwrap_err();
        assert_eq!(problem.kind, FailureKind::Protocol);
        problem.detail
    };
    insta::assert_snapshot!(failed_with(&OpenaiEmbeddings, r#"{"data":[]}"#), @"the answer holds no embeddings");
    insta::assert_snapshot!(failed_with(&OpenaiResponses, "{}"), @"the answer holds no output");
    insta::assert_snapshot!(failed_with(&AnthropicMessages, "{}"), @"the answer holds no content");
}

#[test]
fn read_body_with_error_fails_with_its_message() {
    let readers: [&dyn BodyReader; 6] =
        [&OpenaiChat, &OpenaiCompletions, &OpenaiResponses, &OpenaiEmbeddings, &AnthropicMessages, &Chain];
    for reader in readers {
        let problem = reader.read_body(br#"{"error":{"message":"boom","code":7}}"#).unwrap_err();
        assert_eq!(problem.kind, FailureKind::StreamError, "{reader:?}");
        assert_eq!(problem.detail.to_string(), "the server reports an error: boom (7)", "{reader:?}");
    }
    let failed_with = |reader: &dyn BodyReader, body: &str| {
        let problem = reader.read_body(body.as_bytes()).unwrap_err();
        format!("{}: {}", problem.kind, problem.detail)
    };
    insta::assert_snapshot!(failed_with(&OpenaiChat, r#"{"choices":[{"message":{},"error":{"message":"boom"},"finish_reason":"error"}]}"#), @"stream_error: the server reports an error: boom");
    insta::assert_snapshot!(failed_with(&OpenaiChat, r#"{"choices":[{"message":{},"finish_reason":"error"}]}"#), @r#"stream_error: the server reports an error: a choice ended with the finish reason "error""#);
    insta::assert_snapshot!(failed_with(&OpenaiChat, r#"{"object":"error","message":"boom","code":40001}"#), @"stream_error: the server reports an error: boom (40001)");
    insta::assert_snapshot!(failed_with(&OpenaiResponses, r#"{"status":"failed","error":{"code":"server_error"},"output":[]}"#), @r#"stream_error: the server reports an error: {"code":"server_error"}"#);
    insta::assert_snapshot!(failed_with(&OpenaiResponses, r#"{"status":"queued","output":[]}"#), @r#"truncated: the response has the status "queued": expected "completed""#);
    insta::assert_snapshot!(failed_with(&AnthropicMessages, r#"{"type":"error","error":{"type":"api_error"}}"#), @r#"stream_error: the server reports an error: {"type":"api_error"}"#);
}

#[test]
fn read_body_without_content_is_empty() {
    let is_empty = |reader: &dyn BodyReader, body: &str| reader.read_body(body.as_bytes()).unwrap().is_empty;
    for (message, expected) in [
        ("{}", true),
        (r#"{"content":"","tool_calls":null}"#, true),
        (r#"{"content":[{"type":"text","text":""}],"tool_calls":[]}"#, true),
        (r#"{"content":"x"}"#, false),
        (r#"{"content":null,"tool_calls":[{"id":"c","function":{"name":"f","arguments":"{}"}}]}"#, false),
        (r#"{"function_call":{"name":"f"}}"#, false),
        (r#"{"reasoning_content":"hm"}"#, false),
        (r#"{"audio":{"data":"AAAA"}}"#, false),
    ] {
        let body = format!(r#"{{"choices":[{{"message":{message}}}]}}"#);
        assert_eq!(is_empty(&OpenaiChat, &body), expected, "{message}");
    }
    assert!(is_empty(&OpenaiCompletions, r#"{"choices":[{"text":""}]}"#));
    assert!(!is_empty(&OpenaiCompletions, r#"{"choices":[{"text":"x"}]}"#));
    assert!(is_empty(&AnthropicMessages, r#"{"content":[{"type":"text","text":""}]}"#));
    assert!(!is_empty(&AnthropicMessages, r#"{"content":[{"type":"tool_use","name":"f","input":{}}]}"#));
    assert!(is_empty(&OpenaiResponses, r#"{"output":[{"type":"message","content":[]}]}"#));
    assert!(!is_empty(&OpenaiResponses, r#"{"output":[{"type":"function_call","name":"f"}]}"#));
    assert!(!is_empty(
        &OpenaiResponses,
        r#"{"output":[{"type":"message","content":[{"type":"output_text","text":"x"}]}]}"#
    ));
}

#[test]
fn read_body_of_failed_chain_fails() {
    let chain = |body: &str| usage_of(&Chain, body.as_bytes());
    assert_eq!(chain(r#"{"status":"ok","result":"x","steps":[]}"#), Ok(Usage::default()));
    let late = chain(r#"{"status":"timeout","error":"Chain 'x' execution timed out"}"#).unwrap_err();
    assert_eq!(late.kind, FailureKind::Check);
    insta::assert_snapshot!(late.detail, @r#"the chain's status is "timeout": "Chain 'x' execution timed out""#);
    assert_eq!(chain(r#"{"result":1}"#).unwrap_err().kind, FailureKind::Protocol);
}

#[test]
fn body_reply_text_omits_reasoning_and_tool_calls() {
    let text = |reader: &dyn BodyReader, body: &str| {
        reader.body_reply(&serde_json::from_str(body).unwrap()).text().to_owned()
    };
    let chat = r#"{"choices":[{"message":{"content":"Hi","reasoning_content":"hm"}}]}"#;
    assert_eq!(text(&OpenaiChat, chat), "Hi");
    let parts = r#"{"choices":[{"message":{"content":[{"type":"thinking","thinking":[{"text":"hm"}]},{"type":"text","text":"A"},{"text":"B"}]}}]}"#;
    assert_eq!(text(&OpenaiChat, parts), "AB");
    let tool = r#"{"choices":[{"message":{"content":null,"tool_calls":[{}]}}]}"#;
    assert_eq!(text(&OpenaiChat, tool), "");
    let message = r#"{"content":[{"type":"thinking","thinking":"hm"},{"type":"text","text":"A"},{"type":"text","text":"B"}]}"#;
    assert_eq!(text(&AnthropicMessages, message), "AB");
    let response = r#"{"output":[{"type":"reasoning","summary":[]},{"type":"message","content":[{"type":"output_text","text":"Hi"}]}]}"#;
    assert_eq!(text(&OpenaiResponses, response), "Hi");
}
