//! The values of a parsed text, from which settings are read.

use std::{borrow::Cow, ops::Range};

use serde::de::Unexpected;
use toml::{
    Spanned,
    de::{DeTable, DeValue},
};

use super::expected::Found;

/// A value of a parsed text.
pub trait Node<'de>: Copy {
    /// Returns its value, one level deep.
    ///
    /// # Errors
    /// Fails if its text is not a value, such as a number with too many digits.
    fn value(self) -> Result<NodeValue<'de, Self>, String>;

    /// Where it is in the text, if that is known.
    fn span(self) -> Option<Range<usize>> {
        None
    }

    /// Its text, if it is JSON.
    fn json(self) -> Option<&'de str> {
        None
    }
}

/// The value of a node.
#[derive(Debug)]
pub enum NodeValue<'de, N> {
    /// JSON's `null`.
    Null,
    /// `true` or `false`.
    Boolean(bool),
    /// A whole number.
    Signed(i64),
    /// A whole number.
    Unsigned(u64),
    /// A number with a fraction or an exponent.
    Float(f64),
    /// A text.
    Text(Cow<'de, str>),
    /// TOML's date or time.
    Date(String),
    /// A list.
    List(Vec<N>),
    /// A table, in the order of the text if that is known.
    Table(Vec<(NodeKey<'de>, N)>),
}

impl<N> NodeValue<'_, N> {
    pub(super) fn found(&self) -> Found {
        match self {
            Self::Null => Unexpected::Unit.into(),
            Self::Boolean(value) => Unexpected::Bool(*value).into(),
            Self::Signed(number) => Unexpected::Signed(*number).into(),
            Self::Unsigned(number) => Unexpected::Unsigned(*number).into(),
            Self::Float(number) => Unexpected::Float(*number).into(),
            Self::Text(text) => Unexpected::Str(text).into(),
            Self::Date(date) => Found::date(date),
            Self::List(_) => Unexpected::Seq.into(),
            Self::Table(_) => Unexpected::Map.into(),
        }
    }
}

/// A key of a table.
#[derive(Clone, Debug)]
pub struct NodeKey<'de> {
    /// The key.
    pub text: Cow<'de, str>,
    /// Where it is in the text, if that is known.
    pub span: Option<Range<usize>>,
}

impl<'de> NodeKey<'de> {
    /// A key of which only the text is known.
    pub const fn new(text: Cow<'de, str>) -> Self {
        Self { text, span: None }
    }
}

/// A value of a TOML text, with spans.
#[derive(Clone, Copy, Debug)]
pub enum TomlNode<'de> {
    /// A value within the text.
    Value(&'de Spanned<DeValue<'de>>),
    /// The text as a whole, or a table in its place.
    Root(&'de DeTable<'de>),
}

impl<'de> Node<'de> for TomlNode<'de> {
    fn value(self) -> Result<NodeValue<'de, Self>, String> {
        let value = match self {
            Self::Root(table) => return Ok(NodeValue::Table(members(table))),
            Self::Value(value) => value.get_ref(),
        };
        Ok(match value {
            DeValue::String(text) => NodeValue::Text(Cow::Borrowed(text)),
            DeValue::Integer(number) => {
                let (digits, radix) = (number.as_str(), number.radix());
                match (i64::from_str_radix(digits, radix), u64::from_str_radix(digits, radix)) {
                    (Ok(number), _) => NodeValue::Signed(number),
                    (_, Ok(number)) => NodeValue::Unsigned(number),
                    _ => return Err(format!("expected a whole number of at most 64 bits, found {number}")),
                }
            }
            DeValue::Float(number) => match number.as_str().parse::<f64>() {
                Ok(float) if float.is_finite() || !number.as_str().contains(|c: char| c.is_ascii_digit()) => {
                    NodeValue::Float(float)
                }
                _ => return Err(format!("expected a number of at most 64 bits, found {number}")),
            },
            DeValue::Boolean(value) => NodeValue::Boolean(*value),
            DeValue::Datetime(date) => NodeValue::Date(date.to_string()),
            DeValue::Array(items) => NodeValue::List(items.iter().map(Self::Value).collect()),
            DeValue::Table(table) => NodeValue::Table(members(table)),
        })
    }

    fn span(self) -> Option<Range<usize>> {
        match self {
            Self::Value(value) => Some(value.span()),
            Self::Root(_) => None,
        }
    }
}

fn members<'de>(table: &'de DeTable<'de>) -> Vec<(NodeKey<'de>, TomlNode<'de>)> {
    let member = |(key, value): (&'de Spanned<_>, _)| {
        let text: &Cow<'de, str> = key.get_ref();
        (NodeKey { text: Cow::Borrowed(text), span: Some(key.span()) }, TomlNode::Value(value))
    };
    table.iter().map(member).collect()
}

/// A value of a TOML table that is kept without its text.
#[derive(Clone, Copy, Debug)]
pub enum TomlValueNode<'de> {
    /// A value.
    Value(&'de toml::Value),
    /// A table.
    Table(&'de toml::Table),
}

impl<'de> Node<'de> for TomlValueNode<'de> {
    fn value(self) -> Result<NodeValue<'de, Self>, String> {
        let table = match self {
            Self::Table(table) | Self::Value(toml::Value::Table(table)) => table,
            Self::Value(value) => {
                return Ok(match value {
                    toml::Value::String(text) => NodeValue::Text(Cow::Borrowed(text)),
                    toml::Value::Integer(number) => NodeValue::Signed(*number),
                    toml::Value::Float(number) => NodeValue::Float(*number),
                    toml::Value::Boolean(value) => NodeValue::Boolean(*value),
                    toml::Value::Datetime(date) => NodeValue::Date(date.to_string()),
                    toml::Value::Array(items) => NodeValue::List(items.iter().map(Self::Value).collect()),
                    toml::Value::Table(table) => return Self::Table(table).value(),
                });
            }
        };
        let member = |(key, value)| (NodeKey::new(Cow::Borrowed(key)), Self::Value(value));
        Ok(NodeValue::Table(table.iter().map(|(key, value)| member((key.as_str(), value))).collect()))
    }
}
