//! What is wrong with a request's JSON, in the provider's terms: message, param and code.

use std::borrow::Cow;

use serde_json::value::RawValue;

use super::Fault;
use crate::request::Problem;

/// Characters of a client's own text that an error repeats.
const ECHO_MAX: usize = 64;

/// How the error of a list begins that has more elements than it may have; both figures follow.
pub(super) const TOO_LONG: &str = "array too long: ";

/// The problem behind a fault of the part at `place` (empty: the whole body).
pub(super) fn problem(place: &str, fault: Fault) -> Problem {
    let (path, cause) = match fault {
        Fault::Text(cause) => {
            let message = format!("We could not parse the JSON body of your request: {cause}");
            return Problem::invalid(None, message);
        }
        Fault::Value { path, cause } => (path, cause),
    };
    let inner = path.to_string();
    let path = &*match &*inner {
        "." => Cow::Borrowed(place),
        inner if inner.starts_with('[') => Cow::Owned(format!("{place}{inner}")),
        inner => join(place, inner),
    };
    if !cause.is_data() {
        // So the parser says that something else stands in the place of a name.
        return mistyped(path, "a string", "another value");
    }
    let text = cause.to_string();
    let text = text.rfind(" at line ").and_then(|at| text.get(..at)).unwrap_or(&text);
    if let Some(field) = quoted(text, "missing field `") {
        return missing(&join(path, field));
    }
    if let Some(fault) = text.strip_prefix("invalid type: ") {
        return wrong_type(path, fault);
    }
    if let Some(fault) = text.strip_prefix("invalid value: ") {
        return wrong_value(path, fault);
    }
    if let Some(fault) = text.strip_prefix("unknown variant `") {
        return wrong_name(path, fault);
    }
    if let Some(field) = quoted(text, "duplicate field `") {
        let param = join(path, field);
        return Problem::field(&param, "duplicate_parameter", format!("Duplicate parameter: '{param}'."));
    }
    if let Some((most, got)) = text.strip_prefix(TOO_LONG).and_then(|figures| figures.split_once(' ')) {
        return too_long(path, most, got);
    }
    let message = if path.is_empty() { text.to_owned() } else { format!("{path}: {text}") };
    Problem::invalid(param(path), message)
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

fn wrong_type(path: &str, fault: &str) -> Problem {
    let (got, expected) = fault.rsplit_once(", expected ").unwrap_or((fault, "another"));
    let (got, expected) = (got_type(got), expected_type(expected));
    if path.is_empty() {
        return mistyped_body(expected, got);
    }
    mistyped(path, expected, got)
}

/// A number that its type cannot hold, or another value that has the right type only.
fn wrong_value(path: &str, fault: &str) -> Problem {
    let (got, expected) = fault.rsplit_once(", expected ").unwrap_or((fault, "another"));
    let Some(number) = got.strip_prefix("integer `").and_then(|rest| rest.strip_suffix('`')) else {
        let message = format!("Invalid value for '{path}': {}, expected {expected}.", short(got));
        return Problem { code: Some("invalid_value"), ..Problem::invalid(param(path), message) };
    };
    let least = if expected.starts_with("a nonzero") { 1 } else { 0 };
    if number.starts_with('-') || number == "0" {
        return below(path, "integer", &least.to_string(), number);
    }
    let most = match expected.trim_start_matches("a nonzero ") {
        "u8" => u64::from(u8::MAX),
        "u16" => u64::from(u16::MAX),
        "u32" => u64::from(u32::MAX),
        "i64" => i64::MAX.unsigned_abs(),
        _ => u64::MAX,
    };
    above(path, "integer", &most.to_string(), number)
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
fn too_long(path: &str, most: &str, got: &str) -> Problem {
    let message = format!(
        "Invalid '{path}': array too long. Expected an array with maximum length {most}, but got an array with \
         length {got} instead."
    );
    Problem::field(path, "array_above_max_length", message)
}

/// `fault` goes on after the opening quote of the name that is unknown.
fn wrong_name(path: &str, fault: &str) -> Problem {
    let (name, known) = fault.rsplit_once("`, expected ").unwrap_or((fault, ""));
    let known: Vec<&str> = known.split('`').skip(1).step_by(2).collect();
    let path = if path.is_empty() { "body" } else { path };
    unsupported(path, name, &known)
}

fn quoted<'a>(text: &'a str, prefix: &str) -> Option<&'a str> {
    text.strip_prefix(prefix)?.strip_suffix('`')
}

fn join<'a>(path: &str, field: &'a str) -> Cow<'a, str> {
    if path.is_empty() { Cow::Borrowed(field) } else { Cow::Owned(format!("{path}.{field}")) }
}

fn param(path: &str) -> Option<String> {
    (!path.is_empty()).then(|| path.to_owned())
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

/// The provider's name for what a parser expected.
fn expected_type(expected: &str) -> &str {
    match expected {
        "u8" | "u16" | "u32" | "u64" | "usize" | "i32" | "i64" => "an integer",
        "f32" | "f64" => "a decimal",
        "a sequence" => "an array",
        "a map" => "an object",
        "string or map" | "string" | "str" => "a string",
        name if name.starts_with("a nonzero ") => "an integer",
        name if name.starts_with("struct ") => "an object",
        other => other,
    }
}

/// The provider's name for what a parser met.
fn got_type(got: &str) -> &str {
    let kind = got.split(['`', '"']).next().unwrap_or(got).trim_end();
    match kind {
        "integer" => "an integer",
        "floating point" => "a decimal",
        "string" | "character" => "a string",
        "boolean" => "a boolean",
        "null" | "unit value" => "null",
        "map" => "an object",
        "sequence" => "an array",
        other => other,
    }
}
