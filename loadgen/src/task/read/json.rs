//! Parses the JSON of a server, and the errors in it.

use std::borrow::Cow;

use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;

use crate::record::{FailureKind, Problem};

/// The longest piece of a server's words that a failure keeps. Reports shorten it further, after secrets are removed.
const WORDS_CHARS_MAX: usize = 4096;

/// Larger JSON is not mended.
const MENDED_BYTES_MAX: usize = 1 << 20;

pub(crate) fn parse<'a, T: Deserialize<'a>>(json: &'a [u8]) -> Result<T, Problem> {
    serde_json::from_slice(json)
        .map_err(|error| protocol_problem(&format!("not the JSON that was expected: {error}")))
}

/// An answer that is not one of its API.
pub(crate) fn protocol_problem(detail: &str) -> Problem {
    Problem::new(FailureKind::Protocol, detail)
}

/// Fails if an event or answer has an error in it.
pub(crate) fn fail_on_error(error: Option<&RawValue>) -> Result<(), Problem> {
    match error {
        Some(error) if is_error(error.get()) => Err(error_in_answer(error.get())),
        _ => Ok(()),
    }
}

/// Whether the value of `error` is more than a placeholder.
fn is_error(json: &str) -> bool {
    let is_blank = |text: &str| text.chars().all(|character| character.is_ascii_whitespace());
    let inner = json.strip_prefix(['{', '[', '"']).and_then(|rest| rest.strip_suffix(['}', ']', '"']));
    !matches!(json, "null" | "false" | "0") && !inner.is_some_and(is_blank)
}

/// An error that the server reports inside an answer: its message, or all of it.
pub(crate) fn error_in_answer(json: &str) -> Problem {
    let document: Option<Value> = serde_json::from_str(json).ok();
    let words = document.as_ref().and_then(message).unwrap_or_else(|| json.trim().to_owned());
    let words: String = words.chars().take(WORDS_CHARS_MAX).collect();
    Problem::new(FailureKind::StreamError, format!("the server reports an error: {words}"))
}

/// Returns the error in a document that is not an answer: `{"error": …}`, a list that begins with one, or an event of a
/// stream that holds one.
pub(crate) fn error_of_document(body: &[u8]) -> Option<Problem> {
    let text = String::from_utf8_lossy(body);
    let json = text.trim_start().strip_prefix("data:").and_then(|rest| rest.lines().next()).unwrap_or(&text);
    let document: Value = serde_json::from_str(json.trim()).ok()?;
    let document = document.get(0).unwrap_or(&document);
    let is_object_error = document.get("object").and_then(Value::as_str) == Some("error");
    let error = document.get("error").filter(|error| is_error(&error.to_string()));
    error.or(is_object_error.then_some(document)).map(|error| error_in_answer(&error.to_string()))
}

/// Returns the message of an error, with its type and code.
fn message(error: &Value) -> Option<String> {
    match error {
        Value::String(text) => Some(text.clone()),
        Value::Array(errors) => message(errors.first()?),
        Value::Object(members) => {
            let texts = ["message", "msg", "detail"].into_iter().find_map(|name| members.get(name)?.as_str());
            let Some(text) = texts else { return members.get("error").and_then(message) };
            let kinds = ["type", "code"].into_iter().filter_map(|name| match members.get(name)? {
                Value::String(kind) => Some(kind.clone()),
                Value::Number(code) => Some(code.to_string()),
                _ => None,
            });
            let kinds: Vec<String> = kinds.collect();
            let kinds = if kinds.is_empty() { String::new() } else { format!(" ({})", kinds.join(", ")) };
            Some(format!("{text}{kinds}"))
        }
        _ => None,
    }
}

/// Returns JSON that a strict parser refuses in a form that it accepts: broken surrogates and invalid UTF-8 are replaced,
/// control characters in texts are escaped, `NaN` and `Infinity` are `null`, and the last of repeated keys counts. `None`
/// if that does not make it JSON.
pub(crate) fn mended(json: &[u8]) -> Option<Vec<u8>> {
    if json.len() > MENDED_BYTES_MAX {
        return None;
    }
    let text = String::from_utf8_lossy(json);
    let document: Value = serde_json::from_str(&with_valid_texts(&text)).ok()?;
    serde_json::to_vec(&document).ok()
}

/// Replaces what is not valid inside texts, and the numbers that JSON does not have.
fn with_valid_texts(json: &str) -> Cow<'_, str> {
    let mut valid = String::with_capacity(json.len());
    let (mut rest, mut is_in_text) = (json, false);
    while let Some(character) = rest.chars().next() {
        let (piece, length): (Cow<'_, str>, usize) = match character {
            '\\' if is_in_text => escape(rest),
            '"' => {
                is_in_text = !is_in_text;
                ("\"".into(), 1)
            }
            '\0'..='\x1f' if is_in_text => (format!("\\u{:04x}", u32::from(character)).into(), 1),
            'N' | 'I' | '-' if !is_in_text => no_number(rest),
            other => (other.to_string().into(), other.len_utf8()),
        };
        valid.push_str(&piece);
        rest = rest.get(length..).unwrap_or_default();
    }
    valid.into()
}

/// Returns the escape at the start of `rest`, with its length; half of a surrogate pair is replaced.
fn escape(rest: &str) -> (Cow<'_, str>, usize) {
    let unit = |at: usize| {
        let digits = rest.get(at..)?.strip_prefix("\\u")?.get(..4)?;
        u16::from_str_radix(digits, 16).ok()
    };
    let pair_length = match (unit(0), unit(6)) {
        (Some(0xd800..=0xdbff), Some(0xdc00..=0xdfff)) => 12,
        (Some(0xd800..=0xdfff), _) => return ("\\ufffd".into(), 6),
        (Some(_), _) => 6,
        (None, _) => rest.chars().take(2).map(char::len_utf8).sum(),
    };
    (rest.get(..pair_length).unwrap_or(rest).into(), pair_length)
}

fn no_number(rest: &str) -> (Cow<'_, str>, usize) {
    let name = ["NaN", "Infinity", "-Infinity", "-NaN"].into_iter().find(|name| rest.starts_with(name));
    name.map_or((rest.get(..1).unwrap_or_default().into(), 1), |name| ("null".into(), name.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mend(json: &[u8]) -> Option<String> {
        mended(json).map(|bytes| String::from_utf8(bytes).unwrap())
    }

    #[test]
    fn mended_json_is_what_lenient_parsers_read() {
        for (broken, expected) in [
            (&br#"{"a":"\ud83d","b":"\ud83d\ude00"}"#[..], "{\"a\":\"\u{fffd}\",\"b\":\"\u{1f600}\"}"),
            (br#"{"a":"\ude00\ud83d x \\ud83d"}"#, "{\"a\":\"\u{fffd}\u{fffd} x \\\\ud83d\"}"),
            (b"{\"a\":\"\xff\t\"}", "{\"a\":\"\u{fffd}\\t\"}"),
            (br#"{"a":1,"a":2}"#, r#"{"a":2}"#),
            (br#"{"a":[NaN,-Infinity,Infinity,-1,"NaN"]}"#, r#"{"a":[null,null,null,-1,"NaN"]}"#),
        ] {
            assert_eq!(mend(broken).as_deref(), Some(expected));
        }
        for hopeless in [&b"hello"[..], b"{\"a\":", b"", b"\"\\", b"\"\\u12", b"Null"] {
            assert_eq!(mend(hopeless), None);
        }
    }

    #[test]
    fn error_in_answer_repeats_the_message() {
        let detail = |json: &str| error_in_answer(json).detail;
        insta::assert_snapshot!(detail(r#"{"message":"gone","type":"server_error","code":500,"param":null}"#), @"the server reports an error: gone (server_error, 500)");
        insta::assert_snapshot!(detail(r#"{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}"#), @"the server reports an error: Overloaded (overloaded_error)");
        insta::assert_snapshot!(detail(r#""no""#), @"the server reports an error: no");
        insta::assert_snapshot!(detail(r#"{"reason":7}"#), @r#"the server reports an error: {"reason":7}"#);
        insta::assert_snapshot!(detail("overloaded"), @"the server reports an error: overloaded");
    }

    #[test]
    fn error_of_document_finds_only_errors() {
        let found = |body: &str| error_of_document(body.as_bytes()).map(|problem| problem.detail.to_string());
        let boom = Some("the server reports an error: boom".to_owned());
        for body in [
            r#"{"error":{"message":"boom"}}"#,
            r#"[{"error":{"message":"boom"}}]"#,
            r#"{"object":"error","message":"boom"}"#,
            "data: {\"error\":\"boom\"}\n\ndata: [DONE]\n\n",
        ] {
            assert_eq!(found(body), boom, "{body}");
        }
        for body in ["", "<html>", "{}", r#"{"error":null}"#, r#"{"error":{}}"#, r#"{"error":""}"#, "[]", "5"]
        {
            assert_eq!(found(body), None, "{body}");
        }
    }
}
