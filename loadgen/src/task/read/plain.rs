//! Answers that come in one piece.

use serde::Deserialize;
use serde_json::value::RawValue;

use crate::record::{FailureKind, Problem, Tokens};
use crate::task::Reading;

use super::delta::Present;

/// What is read of a `chat.completion`.
#[derive(Deserialize)]
struct ChatAnswer {
    #[serde(default)]
    choices: Present,
    #[serde(default)]
    usage: Option<Usage>,
}

/// What is read of `usage`.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Deserialize)]
pub(super) struct Usage {
    #[serde(default)]
    pub(super) completion_tokens: Option<u64>,
}

/// What is read of a chain's result.
#[derive(Deserialize)]
struct ChainAnswer<'a> {
    status: String,
    #[serde(borrow, default)]
    error: Option<&'a RawValue>,
}

/// Reads a whole body, and says how many output tokens it holds.
///
/// # Errors
///
/// The body is not what `reading` says, or says itself that it failed.
pub(crate) fn read_plain(reading: Reading, body: &[u8]) -> Result<Tokens, Problem> {
    match reading {
        Reading::Opaque | Reading::Stream(_) => Ok(Tokens::Unknown),
        Reading::Chat => read_chat(body),
        Reading::Chain => read_chain(body),
    }
}

fn read_chat(body: &[u8]) -> Result<Tokens, Problem> {
    let answer: ChatAnswer = parse(body)?;
    if !answer.choices.0 {
        return Err(Problem::new(FailureKind::Protocol, "the answer holds no choices"));
    }
    Ok(answer.usage.and_then(|usage| usage.completion_tokens).map_or(Tokens::Unknown, Tokens::Usage))
}

fn read_chain(body: &[u8]) -> Result<Tokens, Problem> {
    let answer: ChainAnswer<'_> = parse(body)?;
    if answer.status == "ok" {
        return Ok(Tokens::Unknown);
    }
    let error = answer.error.map_or("no error given", RawValue::get);
    Err(Problem::new(FailureKind::Check, format!("the chain's status is {:?}: {error}", answer.status)))
}

pub(super) fn parse<'a, T: Deserialize<'a>>(json: &'a [u8]) -> Result<T, Problem> {
    serde_json::from_slice(json).map_err(|error| {
        Problem::new(FailureKind::Protocol, format!("not the JSON that was expected: {error}"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_are_those_of_usage() {
        let read = |body: &str| read_plain(Reading::Chat, body.as_bytes());
        let choices = r#""choices":[{"message":{"content":"hi"}}]"#;
        let usage = r#""usage":{"prompt_tokens":3,"completion_tokens":64}"#;
        assert_eq!(read(&format!("{{{choices},{usage}}}")), Ok(Tokens::Usage(64)));
        assert_eq!(read(&format!("{{{choices},\"usage\":null}}")), Ok(Tokens::Unknown));
        assert_eq!(read(&format!("{{\"choices\":[],{usage}}}")).unwrap_err().kind, FailureKind::Protocol);
        assert_eq!(read("<html>").unwrap_err().kind, FailureKind::Protocol);
    }

    #[test]
    fn a_chain_that_says_it_failed_has_failed() {
        let read = |body: &str| read_plain(Reading::Chain, body.as_bytes());
        assert_eq!(read(r#"{"status":"ok","result":"x","steps":[]}"#), Ok(Tokens::Unknown));
        let late = read(r#"{"status":"timeout","error":"Chain 'x' execution timed out"}"#).unwrap_err();
        assert_eq!(late.kind, FailureKind::Check);
        insta::assert_snapshot!(late.detail, @r#"the chain's status is "timeout": "Chain 'x' execution timed out""#);
        assert_eq!(read(r#"{"result":1}"#).unwrap_err().kind, FailureKind::Protocol);
    }
}
