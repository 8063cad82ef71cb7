//! Plain answers of each API.

use super::*;
use crate::record::{FailureKind, Problem};
use crate::task::read::{BodyReader, Usage};

fn usage(input: u64, output: u64) -> Result<Usage, Problem> {
    Ok(Usage { input: Some(input), cached: None, output: Some(output) })
}

#[test]
fn read_body_chat_returns_usage() {
    let choices = r#""choices":[{"message":{"content":"hi"}}]"#;
    let counts = r#""usage":{"prompt_tokens":3,"completion_tokens":64}"#;
    let chat = |body: &str| OpenaiChat.read_body(body.as_bytes());
    assert_eq!(chat(&format!("{{{choices},{counts}}}")), usage(3, 64));
    assert_eq!(chat(&format!("{{{choices},\"usage\":null}}")), Ok(Usage::default()));
    assert_eq!(chat(&format!("{{\"choices\":[],{counts}}}")).unwrap_err().kind, FailureKind::Protocol);
    assert_eq!(chat("<html>").unwrap_err().kind, FailureKind::Protocol);
}

#[test]
fn read_body_of_each_api_reads_its_names() {
    let text = br#"{"object":"text_completion","choices":[{"text":"hi","index":0}],"usage":{"prompt_tokens":2,"completion_tokens":1,"total_tokens":3}}"#;
    assert_eq!(OpenaiCompletions.read_body(text), usage(2, 1));
    let response = br#"{"object":"response","status":"completed","error":null,"output":[{"type":"message"}],"usage":{"input_tokens":36,"output_tokens":87,"total_tokens":123}}"#;
    assert_eq!(OpenaiResponses.read_body(response), usage(36, 87));
    let embedding = br#"{"object":"list","data":[{"object":"embedding","index":0,"embedding":"AAAA"}],"usage":{"prompt_tokens":8,"total_tokens":8}}"#;
    assert_eq!(OpenaiEmbeddings.read_body(embedding), Ok(Usage { input: Some(8), ..Usage::default() }));
    let message = br#"{"id":"msg_1","type":"message","role":"assistant","content":[{"type":"text","text":"Hi"}],"stop_reason":"end_turn","usage":{"input_tokens":10,"cache_creation_input_tokens":5,"cache_read_input_tokens":100,"output_tokens":6}}"#;
    let cached = Usage { input: Some(115), cached: Some(100), output: Some(6) };
    assert_eq!(AnthropicMessages.read_body(message), Ok(cached));
}

#[test]
fn read_body_with_details_returns_cached_tokens() {
    let chat = br#"{"choices":[{}],"usage":{"prompt_tokens":30,"completion_tokens":2,"prompt_tokens_details":{"cached_tokens":20,"audio_tokens":0}}}"#;
    let response = br#"{"output":[],"usage":{"input_tokens":30,"input_tokens_details":{"cached_tokens":20},"output_tokens":2}}"#;
    let cached = Ok(Usage { input: Some(30), cached: Some(20), output: Some(2) });
    assert_eq!((OpenaiChat.read_body(chat), OpenaiResponses.read_body(response)), (cached.clone(), cached));
}

#[test]
fn read_body_of_another_kind_fails() {
    let failed_with = |reader: &dyn BodyReader, body: &str| {
        let problem = reader.read_body(body.as_bytes()).unwrap_err();
        assert_eq!(problem.kind, FailureKind::Protocol);
        problem.detail
    };
    insta::assert_snapshot!(failed_with(&OpenaiEmbeddings, r#"{"data":[]}"#), @"the answer holds no embeddings");
    insta::assert_snapshot!(failed_with(&OpenaiResponses, r#"{"status":"failed","error":{"code":"server_error"},"output":[]}"#), @r#"the response says that it failed: {"code":"server_error"}"#);
    insta::assert_snapshot!(failed_with(&OpenaiResponses, "{}"), @"the answer holds no output");
    insta::assert_snapshot!(failed_with(&AnthropicMessages, r#"{"type":"error","error":{"type":"api_error"}}"#), @r#"the answer is an error: {"type":"api_error"}"#);
    insta::assert_snapshot!(failed_with(&AnthropicMessages, "{}"), @"the answer holds no content");
}

#[test]
fn read_body_of_failed_chain_fails() {
    let chain = |body: &str| Chain.read_body(body.as_bytes());
    assert_eq!(chain(r#"{"status":"ok","result":"x","steps":[]}"#), Ok(Usage::default()));
    let late = chain(r#"{"status":"timeout","error":"Chain 'x' execution timed out"}"#).unwrap_err();
    assert_eq!(late.kind, FailureKind::Check);
    insta::assert_snapshot!(late.detail, @r#"the chain's status is "timeout": "Chain 'x' execution timed out""#);
    assert_eq!(chain(r#"{"result":1}"#).unwrap_err().kind, FailureKind::Protocol);
}

#[test]
fn body_text_omits_reasoning_and_tool_calls() {
    let text = |reader: &dyn BodyReader, body: &str| reader.body_text(&serde_json::from_str(body).unwrap());
    let chat = r#"{"choices":[{"message":{"content":"Hi","reasoning_content":"hm"}}]}"#;
    assert_eq!(text(&OpenaiChat, chat), "Hi");
    let tool = r#"{"choices":[{"message":{"content":null,"tool_calls":[{}]}}]}"#;
    assert_eq!(text(&OpenaiChat, tool), "");
    let message = r#"{"content":[{"type":"thinking","thinking":"hm"},{"type":"text","text":"A"},{"type":"text","text":"B"}]}"#;
    assert_eq!(text(&AnthropicMessages, message), "AB");
    let response = r#"{"output":[{"type":"reasoning","summary":[]},{"type":"message","content":[{"type":"output_text","text":"Hi"}]}]}"#;
    assert_eq!(text(&OpenaiResponses, response), "Hi");
}
