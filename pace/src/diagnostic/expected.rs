//! What a type that is being read expects, and what was found instead.

use std::fmt;

use serde::de::Unexpected;

/// What a setting must be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Expected {
    /// `true` or `false`.
    Boolean,
    /// A whole number.
    Integer,
    /// Any number.
    Number,
    /// One character.
    Character,
    /// A text.
    Text,
    /// A list.
    List,
    /// A table.
    Table,
    /// One of these words, or a table with one of them as its key.
    OneOf(&'static [&'static str]),
    /// What the type that rejected the value describes.
    Described(String),
}

impl fmt::Display for Expected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Boolean => "true or false",
            Self::Integer => "a whole number",
            Self::Number => "a number",
            Self::Character => "one character",
            Self::Text => "text",
            Self::List => "a list",
            Self::Table => "a table",
            Self::OneOf(names) => return write!(f, "one of `{}`", names.join("`, `")),
            Self::Described(text) => text,
        })
    }
}

/// A value that was rejected, as users read it: `3`, `the text "x"`, `a list`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    kind: ValueKind,
    text: String,
}

/// The kind of a value that was rejected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ValueKind {
    /// `true` or `false`.
    Boolean,
    /// A whole number.
    Integer,
    /// A number with a fraction or an exponent.
    Decimal,
    /// A text.
    Text,
    /// Bytes.
    Bytes,
    /// JSON's `null`.
    Null,
    /// A list.
    List,
    /// A list, with the number of its elements.
    ListOfLength(usize),
    /// A table.
    Table,
    /// A table with one key, for a variant.
    Variant,
    /// Another value.
    Other,
}

impl Found {
    pub(super) fn list_of_length(length: usize) -> Self {
        Self { kind: ValueKind::ListOfLength(length), text: format!("a list of length {length}") }
    }

    pub(super) fn date(date: &dyn fmt::Display) -> Self {
        Self { kind: ValueKind::Other, text: format!("the date {date}") }
    }

    /// The kind of the value.
    pub fn kind(&self) -> ValueKind {
        self.kind
    }
}

impl fmt::Display for Found {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl From<Unexpected<'_>> for Found {
    fn from(unexpected: Unexpected<'_>) -> Self {
        let (kind, text) = match unexpected {
            Unexpected::Bool(value) => (ValueKind::Boolean, value.to_string()),
            Unexpected::Unsigned(value) => (ValueKind::Integer, value.to_string()),
            Unexpected::Signed(value) => (ValueKind::Integer, value.to_string()),
            Unexpected::Float(value) => (ValueKind::Decimal, value.to_string()),
            Unexpected::Char(value) => (ValueKind::Text, format!("the text {value:?}")),
            Unexpected::Str(value) => (ValueKind::Text, format!("the text {value:?}")),
            Unexpected::Bytes(_) => (ValueKind::Bytes, "bytes".to_owned()),
            Unexpected::Unit | Unexpected::Option => (ValueKind::Null, "null".to_owned()),
            Unexpected::NewtypeStruct | Unexpected::Other(_) => {
                (ValueKind::Other, "another value".to_owned())
            }
            Unexpected::Seq => (ValueKind::List, "a list".to_owned()),
            Unexpected::Map => (ValueKind::Table, "a table".to_owned()),
            Unexpected::Enum
            | Unexpected::UnitVariant
            | Unexpected::NewtypeVariant
            | Unexpected::TupleVariant
            | Unexpected::StructVariant => (ValueKind::Variant, "a table with one key".to_owned()),
        };
        Self { kind, text }
    }
}

impl From<&toml::Value> for Found {
    fn from(value: &toml::Value) -> Self {
        match value {
            toml::Value::String(text) => Unexpected::Str(text).into(),
            toml::Value::Array(_) => Unexpected::Seq.into(),
            toml::Value::Table(_) => Unexpected::Map.into(),
            toml::Value::Integer(number) => Unexpected::Signed(*number).into(),
            toml::Value::Float(number) => Unexpected::Float(*number).into(),
            toml::Value::Boolean(value) => Unexpected::Bool(*value).into(),
            toml::Value::Datetime(date) => Self::date(date),
        }
    }
}

/// What the requested type expects, as far as the request shows it.
#[derive(Clone, Debug)]
pub(super) enum Expectation {
    /// The visitor describes it.
    ByVisitor,
    /// Known from the request.
    Known(Expected),
    /// An integer in this range.
    Integer { min: i64, max: u64 },
}
