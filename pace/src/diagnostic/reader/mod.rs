//! Reads a type from a tree of nodes, with serde; errors stay typed and have the path of the key.

mod containers;
mod enum_reader;

use std::borrow::Cow;

use serde::de::{self, Deserializer, IntoDeserializer, Visitor};
use serde_spanned::de::{SpannedDeserializer, is_spanned};

use self::{
    containers::{ListReader, RawJson, TableReader},
    enum_reader::EnumReader,
};
use super::{
    SettingError,
    expected::{Expectation, Expected},
    node::{Node, NodeValue},
    setting_error::TypedError,
};

/// Values that are nested deeper are rejected; serde_json has the same limit.
const DEPTH_MAX: u8 = 128;
/// The name by which `serde_json::value::RawValue` asks for its text.
const RAW_JSON: &str = "$serde_json::private::RawValue";

/// Reads `T`.
///
/// # Errors
/// The key and what is wrong with it.
pub fn read_settings<'de, T: de::Deserialize<'de>, N: Node<'de>>(node: N) -> Result<T, SettingError> {
    T::deserialize(Reader { node, depth: 0 }).map_err(TypedError::into_setting_error)
}

/// Reads from one node.
#[derive(Clone, Copy)]
struct Reader<N> {
    node: N,
    depth: u8,
}

impl<'de, N: Node<'de>> Reader<N> {
    /// Reads from an element of a list or table that is itself at `depth`.
    const fn below(depth: u8, node: N) -> Self {
        Self { node, depth: depth.saturating_add(1) }
    }

    const fn depth(self) -> u8 {
        self.depth
    }

    fn value(self) -> Result<NodeValue<'de, N>, TypedError> {
        if self.depth > DEPTH_MAX {
            let message = format!("is nested too deeply: at most {DEPTH_MAX} levels are read");
            return Err(de::Error::custom(message));
        }
        self.node.value().map_err(de::Error::custom)
    }

    /// A value of any kind.
    fn any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, TypedError> {
        let read = match self.value()? {
            NodeValue::List(items) => visitor.visit_seq(ListReader::new(items, self.depth)),
            NodeValue::Table(members) => visitor.visit_map(TableReader::new(members, self.depth)),
            NodeValue::Date(date) => visitor.visit_string(date),
            scalar => visit_scalar(scalar, visitor),
        };
        read.map_err(|error| error.expecting(Expectation::ByVisitor))
    }

    /// A value that is neither a list nor a table.
    fn scalar<V: Visitor<'de>>(self, visitor: V, expectation: Expectation) -> Result<V::Value, TypedError> {
        visit_scalar(self.value()?, visitor).map_err(|error| error.expecting(expectation))
    }

    fn list<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, TypedError> {
        match self.value()? {
            NodeValue::List(items) => visitor.visit_seq(ListReader::new(items, self.depth)),
            other => Err(TypedError::unexpected(other.found(), Expected::List)),
        }
    }

    fn table<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, TypedError> {
        match self.value()? {
            NodeValue::Table(members) => visitor.visit_map(TableReader::new(members, self.depth)),
            other => Err(TypedError::unexpected(other.found(), Expected::Table)),
        }
    }
}

fn visit_scalar<'de, V: Visitor<'de>, N>(
    value: NodeValue<'de, N>,
    visitor: V,
) -> Result<V::Value, TypedError> {
    match value {
        NodeValue::Null => visitor.visit_unit(),
        NodeValue::Boolean(value) => visitor.visit_bool(value),
        NodeValue::Signed(number) => visitor.visit_i64(number),
        NodeValue::Unsigned(number) => visitor.visit_u64(number),
        NodeValue::Float(number) => visitor.visit_f64(number),
        NodeValue::Text(Cow::Borrowed(text)) => visitor.visit_borrowed_str(text),
        NodeValue::Text(Cow::Owned(text)) => visitor.visit_string(text),
        other @ (NodeValue::Date(_) | NodeValue::List(_) | NodeValue::Table(_)) => {
            Err(TypedError::unexpected_by(other.found(), &visitor))
        }
    }
}

macro_rules! read_scalar {
    ($($method:ident: $expectation:expr;)*) => {
        $(fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, TypedError> {
            self.scalar(visitor, $expectation)
        })*
    };
}

const TEXT: Expectation = Expectation::Known(Expected::Text);
const NUMBER: Expectation = Expectation::Known(Expected::Number);

const fn integer(min: i64, max: u64) -> Expectation {
    Expectation::Integer { min, max }
}

impl<'de, N: Node<'de>> Deserializer<'de> for Reader<N> {
    type Error = TypedError;

    read_scalar! {
        deserialize_bool: Expectation::Known(Expected::Boolean);
        deserialize_i8: integer(i8::MIN.into(), i8::MAX as u64);
        deserialize_i16: integer(i16::MIN.into(), i16::MAX as u64);
        deserialize_i32: integer(i32::MIN.into(), i32::MAX as u64);
        deserialize_i64: integer(i64::MIN, i64::MAX as u64);
        deserialize_i128: integer(i64::MIN, u64::MAX);
        deserialize_u8: integer(0, u8::MAX.into());
        deserialize_u16: integer(0, u16::MAX.into());
        deserialize_u32: integer(0, u32::MAX.into());
        deserialize_u64: integer(0, u64::MAX);
        deserialize_u128: integer(0, u64::MAX);
        deserialize_f32: NUMBER;
        deserialize_f64: NUMBER;
        deserialize_char: Expectation::Known(Expected::Character);
        deserialize_str: TEXT;
        deserialize_string: TEXT;
        deserialize_identifier: Expectation::ByVisitor;
        deserialize_unit: Expectation::ByVisitor;
    }

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, TypedError> {
        self.any(visitor)
    }

    fn deserialize_bytes<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, TypedError> {
        self.any(visitor)
    }

    fn deserialize_byte_buf<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, TypedError> {
        self.any(visitor)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, TypedError> {
        match self.value()? {
            NodeValue::Null => visitor.visit_none(),
            _ => visitor.visit_some(self),
        }
    }

    fn deserialize_unit_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        visitor: V,
    ) -> Result<V::Value, TypedError> {
        self.deserialize_unit(visitor)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        visitor: V,
    ) -> Result<V::Value, TypedError> {
        match self.node.json().filter(|_| name == RAW_JSON) {
            Some(text) => visitor.visit_map(RawJson::new(text)),
            None => visitor.visit_newtype_struct(self),
        }
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, TypedError> {
        self.list(visitor)
    }

    fn deserialize_tuple<V: Visitor<'de>>(self, _length: usize, visitor: V) -> Result<V::Value, TypedError> {
        self.list(visitor)
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        _length: usize,
        visitor: V,
    ) -> Result<V::Value, TypedError> {
        self.list(visitor)
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, TypedError> {
        self.table(visitor)
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        _fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, TypedError> {
        if is_spanned(name) {
            return visitor.visit_map(SpannedDeserializer::new(self, self.node.span().unwrap_or_default()));
        }
        self.table(visitor)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, TypedError> {
        visitor.visit_enum(EnumReader::new(self, variants)?)
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, TypedError> {
        visitor.visit_unit()
    }
}

impl<'de, N: Node<'de>> IntoDeserializer<'de, TypedError> for Reader<N> {
    type Deserializer = Self;

    fn into_deserializer(self) -> Self {
        self
    }
}
