//! What is wrong with a request's JSON, in the provider's terms: message, param and code.

use std::{borrow::Cow, fmt::Write as _};

use serde_json::value::RawValue;
use weir_pace::{Expected, Found, KeySegment, SettingError, SettingProblem, ValueKind};

use super::{Fault, object::range_of};
use crate::request::Problem;

/// Characters of a client's own text that an error repeats.
const ECHO_MAX: usize = 64;

/// The problem behind a fault of the part at `place` (empty: the whole body).
pub(super) fn problem(place: &str, fault: Fault) -> Problem {
    let SettingError { key, problem } = match fault {
        Fault::Text(cause) => {
            let message = format!("We could not parse the JSON body of your request: {cause}");
            return Problem::invalid(None, message);
        }
        Fault::Value { error, .. } => error,
    };
    let path = &*path_within(place, key.segments());
    match problem {
        SettingProblem::Missing => missing(path),
        SettingProblem::Duplicate => {
            Problem::field(path, "duplicate_parameter", format!("Duplicate parameter: '{path}'."))
        }
        SettingProblem::UnknownKey(_) => {
            Problem::field(path, "unknown_parameter", format!("Unknown parameter: '{path}'."))
        }
        SettingProblem::UnknownValue { value, suggestion } => {
            let known: Vec<&str> = suggestion.known().iter().map(String::as_str).collect();
            unsupported(if path.is_empty() { "body" } else { path }, &value, &known)
        }
        SettingProblem::Unexpected { expected, found } => unexpected(path, &expected, &found),
        SettingProblem::OutOfRange { min, max, found } => out_of_range(path, (min, max), &found),
        SettingProblem::Invalid(text) => {
            let message = if path.is_empty() { text } else { format!("{path}: {text}") };
            Problem::invalid((!path.is_empty()).then(|| path.to_owned()), message)
        }
    }
}

/// The path `segments` within the value at `place`, as OpenAI writes it: `messages[0].content`.
pub(super) fn path_within(place: &str, segments: &[KeySegment]) -> String {
    let mut path = place.to_owned();
    for segment in segments {
        // Writing to a `String` cannot fail.
        let _ = match segment {
            KeySegment::Key(key) if path.is_empty() => write!(path, "{key}"),
            KeySegment::Key(key) => write!(path, ".{key}"),
            KeySegment::Index(index) => write!(path, "[{index}]"),
        };
    }
    path
}

fn unexpected(path: &str, expected: &Expected, found: &Found) -> Problem {
    let range = match (expected, found.kind()) {
        (_, ValueKind::ListOfLength(length)) => return too_long(path, expected, length),
        (Expected::OneOf(_), _) => return mistyped(path, "a string", "another value"),
        (Expected::Described(text), ValueKind::Integer) => range_of(text),
        _ => None,
    };
    if let Some(range) = range {
        return out_of_range(path, range, found);
    }
    let (expected, got) = (expected_type(expected), got_type(found.kind()));
    if path.is_empty() { mistyped_body(expected, got) } else { mistyped(path, expected, got) }
}

/// A body that is JSON, but no object.
fn mistyped_body(expected: &str, got: &str) -> Problem {
    let message = format!("Invalid body: expected {expected}, but got {got} instead.");
    Problem { code: Some("invalid_type"), ..Problem::invalid(None, message) }
}

/// A field that must be there, and is not.
pub(crate) fn missing(param: &str) -> Problem {
    Problem::field(param, "missing_required_parameter", format!("Missing required parameter: '{param}'."))
}

/// A value that is none of those that a field may have.
pub(crate) fn unsupported(param: &str, value: &str, supported: &[&str]) -> Problem {
    let value = short(value);
    let supported = list(supported);
    let message = format!("Invalid value: '{value}'. Supported values are: {supported}.");
    Problem::field(param, "invalid_value", message)
}

/// A value of another type than is needed; `expected` and `got` have their articles.
pub(crate) fn mistyped(param: &str, expected: &str, got: &str) -> Problem {
    let message = format!("Invalid type for '{param}': expected {expected}, but got {got} instead.");
    Problem::field(param, "invalid_type", message)
}

/// The same of a value that was not looked into yet.
pub(crate) fn mistyped_value(param: &str, expected: &str, got: &RawValue) -> Problem {
    let got = match got.get().as_bytes() {
        [b'{', ..] => "an object",
        [b'[', ..] => "an array",
        [b'"', ..] => "a string",
        [b't' | b'f', ..] => "a boolean",
        [b'n', ..] => "null",
        number if number.iter().any(|byte| matches!(byte, b'.' | b'e' | b'E')) => "a decimal",
        _ => "an integer",
    };
    mistyped(param, expected, got)
}

fn out_of_range(path: &str, (min, max): (i64, u64), found: &Found) -> Problem {
    let number = found.to_string();
    if number.starts_with('-') || number == "0" {
        below(path, "integer", &min.to_string(), &number)
    } else {
        above(path, "integer", &max.to_string(), &number)
    }
}

/// A number below the least that a field may have; `kind` is `integer` or `decimal`.
pub(crate) fn below(path: &str, kind: &str, least: &str, got: &str) -> Problem {
    let code = if kind == "integer" { "integer_below_min_value" } else { "decimal_below_min_value" };
    let message = format!(
        "Invalid '{path}': {kind} below minimum value. Expected a value >= {least}, but got {got} instead."
    );
    Problem::field(path, code, message)
}

/// A number above the greatest that a field may have.
pub(crate) fn above(path: &str, kind: &str, most: &str, got: &str) -> Problem {
    let code = if kind == "integer" { "integer_above_max_value" } else { "decimal_above_max_value" };
    let message = format!(
        "Invalid '{path}': {kind} above maximum value. Expected a value <= {most}, but got {got} instead."
    );
    Problem::field(path, code, message)
}

/// A list with more elements than it may have.
fn too_long(path: &str, expected: &Expected, length: usize) -> Problem {
    let message = format!(
        "Invalid '{path}': array too long. Expected {expected}, but got an array with length {length} instead."
    );
    Problem::field(path, "array_above_max_length", message)
}

fn short(text: &str) -> Cow<'_, str> {
    match text.char_indices().nth(ECHO_MAX) {
        Some((at, _)) => Cow::Owned(format!("{}...", text.get(..at).unwrap_or_default())),
        None => Cow::Borrowed(text),
    }
}

/// `'a', 'b', and 'c'`.
fn list(names: &[&str]) -> String {
    match names {
        [] => "none".to_owned(),
        [one] => format!("'{one}'"),
        [first, second] => format!("'{first}' and '{second}'"),
        [before @ .., last] => {
            let before: String = before.iter().map(|name| format!("'{name}', ")).collect();
            format!("{before}and '{last}'")
        }
    }
}

/// The provider's name for what is needed.
fn expected_type(expected: &Expected) -> &str {
    match expected {
        Expected::Boolean => "a boolean",
        Expected::Integer => "an integer",
        Expected::Number => "a decimal",
        Expected::Text | Expected::Character | Expected::OneOf(_) => "a string",
        Expected::List => "an array",
        Expected::Table => "an object",
        Expected::Described(text) if range_of(text).is_some() => "an integer",
        Expected::Described(text) => text,
    }
}

/// The provider's name for what was given.
const fn got_type(kind: ValueKind) -> &'static str {
    match kind {
        ValueKind::Boolean => "a boolean",
        ValueKind::Integer => "an integer",
        ValueKind::Decimal => "a decimal",
        ValueKind::Text => "a string",
        ValueKind::Null => "null",
        ValueKind::List | ValueKind::ListOfLength(_) => "an array",
        ValueKind::Table | ValueKind::Variant => "an object",
        ValueKind::Bytes | ValueKind::Other => "another value",
    }
}
