//! Reads JSON, with errors in the provider's wording: `messages.0.role: Input should be …`.

use std::fmt::Write as _;

use serde::Deserialize;
use weir_pace::{Expected, KeySegment, SettingError, SettingProblem};

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

/// Reads a part of a request at `path`.
pub(super) fn read_part<'a, T: Deserialize<'a>>(path: &str, json: &'a str) -> Result<T, Problem> {
    json::parse(json.as_bytes()).map_err(|fault| problem(path, fault))
}

fn problem(above: &str, fault: Fault) -> Problem {
    let SettingError { key, problem } = match fault {
        Fault::Value { error, .. } => error,
        Fault::Text(cause) => {
            return Problem::invalid(None, format!("The request body is not valid JSON: {cause}"));
        }
    };
    let (path, message) = match (problem, key.segments()) {
        (SettingProblem::Duplicate, [around @ .., KeySegment::Key(field)]) => {
            (around, format!("duplicate field `{field}`"))
        }
        (problem, path) => (path, message(problem)),
    };
    match &*dotted(above, path) {
        "" => Problem::invalid(None, message),
        path => wrong(path, &message),
    }
}

fn dotted(above: &str, path: &[KeySegment]) -> String {
    let mut dotted = above.to_owned();
    for segment in path {
        let dot = if dotted.is_empty() { "" } else { "." };
        // Writing to a string cannot fail.
        let _ = match segment {
            KeySegment::Index(index) => write!(dotted, "{dot}{index}"),
            KeySegment::Key(key) => write!(dotted, "{dot}{key}"),
        };
    }
    dotted
}

/// What is wrong, in the provider's words.
fn message(problem: SettingProblem) -> String {
    match problem {
        SettingProblem::Missing => "Field required".to_owned(),
        SettingProblem::UnknownKey(_) => "Extra inputs are not permitted".to_owned(),
        SettingProblem::Duplicate => "duplicate field".to_owned(),
        SettingProblem::UnknownValue { suggestion, .. } => {
            format!("Input should be {}", one_of(suggestion.known()))
        }
        SettingProblem::OutOfRange { min, found, .. } if found.to_string().starts_with('-') => {
            format!("Input should be greater than or equal to {min}")
        }
        SettingProblem::OutOfRange { .. } => "Input should be a valid integer".to_owned(),
        SettingProblem::Unexpected { expected, .. } => format!("Input should be {}", needed(&expected)),
        SettingProblem::Invalid(text) => text,
    }
}

fn needed(expected: &Expected) -> &str {
    match expected {
        Expected::Integer => "a valid integer",
        Expected::Number => "a valid number",
        Expected::Boolean => "a valid boolean",
        Expected::Text | Expected::Character | Expected::OneOf(_) => "a valid string",
        Expected::List => "a valid list",
        Expected::Table => "a valid dictionary",
        Expected::Described(text) => text,
    }
}

/// The words that would be right, as the provider lists them: `'a', 'b' or 'c'`.
fn one_of(known: &[String]) -> String {
    let words: Vec<String> = known.iter().map(|word| format!("'{word}'")).collect();
    match words.split_last() {
        Some((last, [])) => last.clone(),
        Some((last, others)) => format!("{} or {last}", others.join(", ")),
        None => "another value".to_owned(),
    }
}
