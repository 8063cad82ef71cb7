//! Captures values of an answer for later requests of the same user.

use std::sync::Arc;

use http::{HeaderMap, HeaderName};
use minijinja::value::Value;

use crate::record::{FailureKind, Problem};

use super::pointer::Pointer;
use super::text::Captured;

/// The largest captured value: each user keeps its values. A larger one is a failed check.
const VALUE_BYTES_MAX: usize = 64 << 10;

/// The captures of a task.
#[derive(Clone, Debug, Default)]
pub(crate) struct Captures {
    /// Names and pointers into the body.
    pub(crate) json: Vec<(Arc<str>, Pointer)>,
    /// Names and headers.
    pub(crate) headers: Vec<(Arc<str>, HeaderName)>,
}

impl Captures {
    /// Captures values of the headers.
    ///
    /// # Errors
    /// Fails if a header is missing, is not text, or is too large.
    pub(crate) fn of_headers(&self, headers: &HeaderMap) -> Result<Vec<Captured>, Problem> {
        let take = |(name, header): &(Arc<str>, HeaderName)| {
            let value = headers.get(header);
            let value = value.ok_or_else(|| failed(name, format!("the answer has no header `{header}`")))?;
            let text =
                value.to_str().map_err(|_| failed(name, format!("the header `{header}` is not text")))?;
            check_size(name, text.len())?;
            Ok((Arc::clone(name), Value::from(text)))
        };
        self.headers.iter().map(take).collect()
    }

    /// Captures values of the body.
    ///
    /// # Errors
    /// Fails if a value is missing or too large.
    pub(crate) fn of_body(&self, document: &serde_json::Value) -> Result<Vec<Captured>, Problem> {
        let take = |(name, pointer): &(Arc<str>, Pointer)| {
            let value = pointer.find(document);
            let value = value.ok_or_else(|| failed(name, format!("the body has no `{pointer}`")))?;
            match value {
                serde_json::Value::String(text) => check_size(name, text.len())?,
                other => check_size(name, other.to_string().len())?,
            }
            Ok((Arc::clone(name), Value::from_serialize(value)))
        };
        self.json.iter().map(take).collect()
    }
}

fn check_size(name: &str, bytes: usize) -> Result<(), Problem> {
    if bytes > VALUE_BYTES_MAX {
        return Err(failed(name, format!("the value has {bytes} bytes; expected at most {VALUE_BYTES_MAX}")));
    }
    Ok(())
}

fn failed(name: &str, because: impl std::fmt::Display) -> Problem {
    Problem::new(FailureKind::Check, format!("cannot capture `{name}`: {because}"))
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;
    use serde_json::json;

    use super::*;

    fn captures(pointer: &str) -> Captures {
        Captures {
            json: vec![("token".into(), Pointer::parse(pointer).unwrap())],
            headers: vec![("id".into(), HeaderName::from_static("x-request-id"))],
        }
    }

    #[test]
    fn of_body_and_of_headers_values_of_any_type_are_captured() {
        let document = json!({ "token": "t1", "items": [1, { "a": null }] });
        let take = |pointer| captures(pointer).of_body(&document).unwrap().remove(0).1;
        assert_eq!(take("/token").as_str(), Some("t1"));
        assert_eq!(serde_json::to_value(take("/items")).unwrap(), document["items"]);
        let headers = HeaderMap::from_iter([(
            HeaderName::from_static("x-request-id"),
            HeaderValue::from_static("r 7"),
        )]);
        let taken = captures("").of_headers(&headers).unwrap();
        assert_eq!((taken[0].0.as_ref(), taken[0].1.as_str()), ("id", Some("r 7")));
    }

    #[test]
    fn of_body_and_of_headers_missing_or_large_value_is_an_error() {
        let text = |problem: Problem| format!("{}: {}", problem.kind, problem.detail);
        let missing = captures("/token").of_body(&json!({})).unwrap_err();
        insta::assert_snapshot!(text(missing), @"check: cannot capture `token`: the body has no `/token`");
        let missing = captures("").of_headers(&HeaderMap::new()).unwrap_err();
        insta::assert_snapshot!(text(missing), @"check: cannot capture `id`: the answer has no header `x-request-id`");
        let large = json!({ "token": "x".repeat(VALUE_BYTES_MAX + 1) });
        let refused = captures("/token").of_body(&large).unwrap_err();
        insta::assert_snapshot!(text(refused), @"check: cannot capture `token`: the value has 65537 bytes; expected at most 65536");
    }
}
