//! GraphQL errors.

use graphql_parser::Pos;
use serde_json::{Value, json};

/// An error in a query, with its position.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct GraphQlError {
    message: String,
    /// Line and column, both from 1.
    at: Option<(usize, usize)>,
}

impl GraphQlError {
    /// An error of the whole query.
    pub(super) const fn whole(message: String) -> Self {
        Self { message, at: None }
    }

    pub(super) const fn new(at: Pos, message: String) -> Self {
        Self { message, at: Some((at.line, at.column)) }
    }

    /// Converts an error of the parser, whose text contains the position.
    pub(super) fn syntax(text: &str) -> Self {
        let text = text.strip_prefix("query parse error: Parse error at ").unwrap_or(text);
        let (place, expected) = text.split_once('\n').unwrap_or(("", text));
        let at =
            place.split_once(':').and_then(|(line, column)| Some((line.parse().ok()?, column.parse().ok()?)));
        let message = if expected.contains("Recursion limit exceeded") {
            "the query is nested too deeply: 50 levels at the most".to_owned()
        } else {
            format!(
                "syntax error: {}",
                expected.trim_end().replace('\n', "; ").replace("Unexpected unexpected", "Unexpected")
            )
        };
        Self { message, at }
    }

    pub(super) fn describe(&self) -> Value {
        let Self { message, at } = self;
        match at {
            Some((line, column)) => {
                json!({"message": message, "locations": [{"line": line, "column": column}]})
            }
            None => json!({"message": message}),
        }
    }
}
