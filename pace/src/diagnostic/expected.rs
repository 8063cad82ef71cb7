//! What a type that is being read expects, in words for the author of a file.

use serde::de::Unexpected;

/// What the requested type expects, as far as the request shows it.
#[derive(Clone, Copy, Debug)]
pub(super) enum Expectation {
    /// The visitor describes it.
    ByVisitor,
    /// A fixed description.
    Named(&'static str),
    /// An integer in this range.
    Integer { min: i64, max: u64 },
}

impl Expectation {
    /// The description, unless the visitor has a better one.
    pub(super) fn describe(self, found: &Found) -> Option<String> {
        match (self, found.out_of_range) {
            (Self::ByVisitor, _) => None,
            (Self::Named(name), _) => Some(name.to_owned()),
            (Self::Integer { .. }, None) => Some("a whole number".to_owned()),
            (Self::Integer { min, max }, Some(is_zero)) => {
                // Zero lies within every range: it is only rejected where the type is non-zero.
                let min = if is_zero { min.max(1) } else { min };
                let is_bounded = max < i64::MAX as u64;
                Some(match min {
                    _ if is_bounded => format!("a whole number from {min} to {max}"),
                    0 | 1 => format!("a whole number of at least {min}"),
                    _ => "a whole number".to_owned(),
                })
            }
        }
    }
}

/// A rejected value.
#[derive(Debug)]
pub(super) struct Found {
    pub(super) text: String,
    /// A number of the right type that is out of range; `Some(true)` for zero.
    pub(super) out_of_range: Option<bool>,
}

impl Found {
    pub(super) fn new(unexpected: Unexpected<'_>, is_value: bool) -> Self {
        let out_of_range = match unexpected {
            Unexpected::Unsigned(number) if is_value => Some(number == 0),
            Unexpected::Signed(number) if is_value => Some(number == 0),
            _ => None,
        };
        let text = match unexpected {
            Unexpected::Bool(value) => value.to_string(),
            Unexpected::Unsigned(value) => value.to_string(),
            Unexpected::Signed(value) => value.to_string(),
            Unexpected::Float(value) => value.to_string(),
            Unexpected::Char(value) => format!("the text {value:?}"),
            Unexpected::Str(value) => format!("the text {value:?}"),
            Unexpected::Bytes(_) => "bytes".to_owned(),
            Unexpected::Unit | Unexpected::Option => "null".to_owned(),
            Unexpected::NewtypeStruct | Unexpected::Other(_) => "another value".to_owned(),
            Unexpected::Seq => "a list".to_owned(),
            Unexpected::Map => "a table".to_owned(),
            Unexpected::Enum
            | Unexpected::UnitVariant
            | Unexpected::NewtypeVariant
            | Unexpected::TupleVariant
            | Unexpected::StructVariant => "a table with one key".to_owned(),
        };
        Self { text, out_of_range }
    }
}
