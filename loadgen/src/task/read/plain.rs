//! Answers that come in one piece.

use crate::record::Problem;
use crate::task::{PlainKind, Reading};

use super::dialect::{chain, chat, embeddings, messages, responses};
use super::held::Usage;

/// Reads a whole body, and says how many tokens it tells of.
///
/// # Errors
///
/// The body is not what `reading` says, or says itself that it failed.
pub(crate) fn read_plain(reading: &Reading, body: &[u8]) -> Result<Usage, Problem> {
    match reading {
        Reading::Opaque | Reading::Stream(_) => Ok(Usage::default()),
        Reading::Plain(kind) => match kind {
            PlainKind::Chat | PlainKind::Completions => chat::answer(body),
            PlainKind::Responses => responses::answer(body),
            PlainKind::Embeddings => embeddings::answer(body),
            PlainKind::Messages => messages::answer(body),
            PlainKind::Chain => chain::answer(body),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::FailureKind;

    fn read(kind: PlainKind, body: &str) -> Result<Usage, Problem> {
        read_plain(&Reading::Plain(kind), body.as_bytes())
    }

    fn usage(input: u64, output: u64) -> Result<Usage, Problem> {
        Ok(Usage { input: Some(input), cached: None, output: Some(output) })
    }

    #[test]
    fn tokens_are_those_of_usage() {
        let choices = r#""choices":[{"message":{"content":"hi"}}]"#;
        let counts = r#""usage":{"prompt_tokens":3,"completion_tokens":64}"#;
        let chat = |body: &str| read(PlainKind::Chat, body);
        assert_eq!(chat(&format!("{{{choices},{counts}}}")), usage(3, 64));
        assert_eq!(chat(&format!("{{{choices},\"usage\":null}}")), Ok(Usage::default()));
        assert_eq!(chat(&format!("{{\"choices\":[],{counts}}}")).unwrap_err().kind, FailureKind::Protocol);
        assert_eq!(chat("<html>").unwrap_err().kind, FailureKind::Protocol);
    }

    #[test]
    fn each_api_counts_under_names_of_its_own() {
        let text = r#"{"object":"text_completion","choices":[{"text":"hi","index":0}],"usage":{"prompt_tokens":2,"completion_tokens":1,"total_tokens":3}}"#;
        assert_eq!(read(PlainKind::Completions, text), usage(2, 1));
        let response = r#"{"object":"response","status":"completed","error":null,"output":[{"type":"message"}],"usage":{"input_tokens":36,"output_tokens":87,"total_tokens":123}}"#;
        assert_eq!(read(PlainKind::Responses, response), usage(36, 87));
        let embedding = r#"{"object":"list","data":[{"object":"embedding","index":0,"embedding":"AAAA"}],"usage":{"prompt_tokens":8,"total_tokens":8}}"#;
        assert_eq!(read(PlainKind::Embeddings, embedding), Ok(Usage { input: Some(8), ..Usage::default() }));
        let message = r#"{"id":"msg_1","type":"message","role":"assistant","content":[{"type":"text","text":"Hi"}],"stop_reason":"end_turn","usage":{"input_tokens":10,"cache_creation_input_tokens":5,"cache_read_input_tokens":100,"output_tokens":6}}"#;
        let cached = Usage { input: Some(115), cached: Some(100), output: Some(6) };
        assert_eq!(read(PlainKind::Messages, message), Ok(cached));
    }

    #[test]
    fn what_came_out_of_a_cache_is_told_in_the_details() {
        let chat = r#"{"choices":[{}],"usage":{"prompt_tokens":30,"completion_tokens":2,"prompt_tokens_details":{"cached_tokens":20,"audio_tokens":0}}}"#;
        let response = r#"{"output":[],"usage":{"input_tokens":30,"input_tokens_details":{"cached_tokens":20},"output_tokens":2}}"#;
        let cached = Ok(Usage { input: Some(30), cached: Some(20), output: Some(2) });
        assert_eq!(
            (read(PlainKind::Chat, chat), read(PlainKind::Responses, response)),
            (cached.clone(), cached)
        );
    }

    #[test]
    fn an_answer_that_is_another_thing_is_told() {
        let told = |kind, body: &str| {
            let problem = read(kind, body).unwrap_err();
            assert_eq!(problem.kind, FailureKind::Protocol);
            problem.detail
        };
        insta::assert_snapshot!(told(PlainKind::Embeddings, r#"{"data":[]}"#), @"the answer holds no embeddings");
        insta::assert_snapshot!(told(PlainKind::Responses, r#"{"status":"failed","error":{"code":"server_error"},"output":[]}"#), @r#"the response says that it failed: {"code":"server_error"}"#);
        insta::assert_snapshot!(told(PlainKind::Responses, "{}"), @"the answer holds no output");
        insta::assert_snapshot!(told(PlainKind::Messages, r#"{"type":"error","error":{"type":"api_error"}}"#), @r#"the answer is an error: {"type":"api_error"}"#);
        insta::assert_snapshot!(told(PlainKind::Messages, "{}"), @"the answer holds no content");
    }

    #[test]
    fn a_chain_that_says_it_failed_has_failed() {
        let chain = |body: &str| read(PlainKind::Chain, body);
        assert_eq!(chain(r#"{"status":"ok","result":"x","steps":[]}"#), Ok(Usage::default()));
        let late = chain(r#"{"status":"timeout","error":"Chain 'x' execution timed out"}"#).unwrap_err();
        assert_eq!(late.kind, FailureKind::Check);
        insta::assert_snapshot!(late.detail, @r#"the chain's status is "timeout": "Chain 'x' execution timed out""#);
        assert_eq!(chain(r#"{"result":1}"#).unwrap_err().kind, FailureKind::Protocol);
    }
}
