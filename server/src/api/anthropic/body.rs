//! Reading JSON, and faults in it as the provider tells them: `messages.0.role: Input should be …`.

use std::fmt::Write as _;

use serde::Deserialize;
use serde_path_to_error::{Path, Segment};

use crate::request::{
    Problem,
    json::{self, Fault, Object},
};

/// A field that is at fault.
pub(super) fn wrong(path: &str, message: &str) -> Problem {
    Problem::invalid(Some(path.to_owned()), format!("{path}: {message}"))
}

/// Reads a request.
pub(super) fn read<'a, T: Deserialize<'a>>(bytes: &'a [u8]) -> Result<T, Problem> {
    json::parse(bytes).map(|Object(request)| request).map_err(|fault| problem("", fault))
}

/// Reads a part of a request that stands at `path`.
pub(super) fn read_part<'a, T: Deserialize<'a>>(path: &str, json: &'a str) -> Result<T, Problem> {
    json::parse(json.as_bytes()).map_err(|fault| problem(path, fault))
}

fn problem(above: &str, fault: Fault) -> Problem {
    match fault {
        Fault::Value { path, cause } => {
            if !cause.is_data() {
                // So the parser says that something else stands in the place of a name.
                return wrong(&dotted(above, &path), "Input should be a valid string");
            }
            let cause = cause.to_string();
            let cause = cause.rsplit_once(" at line ").map_or(&*cause, |(cause, _)| cause);
            let (path, message) = told(dotted(above, &path), cause);
            if path.is_empty() {
                return Problem::invalid(None, message);
            }
            wrong(&path, &message)
        }
        Fault::Text(cause) => Problem::invalid(None, format!("The request body is not valid JSON: {cause}")),
    }
}

fn dotted(above: &str, path: &Path) -> String {
    let mut dotted = above.to_owned();
    for segment in path {
        let dot = if dotted.is_empty() { "" } else { "." };
        // Writing to a string cannot fail.
        let _ = match segment {
            Segment::Seq { index } => write!(dotted, "{dot}{index}"),
            Segment::Map { key } => write!(dotted, "{dot}{key}"),
            Segment::Enum { variant } => write!(dotted, "{dot}{variant}"),
            Segment::Unknown => Ok(()),
        };
    }
    dotted
}

/// A fault as the provider tells it, and the place of it.
fn told(path: String, cause: &str) -> (String, String) {
    let inside = |field: &str| if path.is_empty() { field.to_owned() } else { format!("{path}.{field}") };
    if let Some(field) = quoted(cause, "missing field `") {
        return (inside(field), "Field required".to_owned());
    }
    if let Some(field) = quoted(cause, "unknown field `") {
        let path = if path.ends_with(field) { path } else { inside(field) };
        return (path, "Extra inputs are not permitted".to_owned());
    }
    if cause.starts_with("invalid value: integer `-") {
        return (path, "Input should be greater than or equal to 0".to_owned());
    }
    let Some((_, expected)) = cause.split_once("expected ") else { return (path, cause.to_owned()) };
    let needed = match expected {
        "u32" => "a valid integer".to_owned(),
        "f64" => "a valid number".to_owned(),
        "a boolean" => "a valid boolean".to_owned(),
        "a string" | "a borrowed string" => "a valid string".to_owned(),
        "a sequence" => "a valid list".to_owned(),
        "an object" => "a valid dictionary".to_owned(),
        other => one_of(other),
    };
    (path, format!("Input should be {needed}"))
}

fn quoted<'a>(cause: &'a str, before: &str) -> Option<&'a str> {
    cause.strip_prefix(before)?.split('`').next()
}

/// The words that would be right, as the provider lists them: `'a', 'b' or 'c'`.
fn one_of(expected: &str) -> String {
    if !expected.contains('`') {
        return expected.to_owned();
    }
    let words: Vec<String> = expected.split('`').skip(1).step_by(2).map(|word| format!("'{word}'")).collect();
    match words.split_last() {
        Some((last, [])) => last.clone(),
        Some((last, others)) => format!("{} or {last}", others.join(", ")),
        None => expected.to_owned(),
    }
}
