//! Reads an enum from text (a variant alone) or from a table with one key (a variant with content).

use std::borrow::Cow;

use serde::de::{self, DeserializeSeed, Deserializer as _, EnumAccess, Unexpected, VariantAccess, Visitor};

use super::Reader;
use crate::diagnostic::{
    expected::Expected,
    node::{Node, NodeValue},
    setting_error::TypedError,
};

/// A variant, and what it holds.
pub(super) struct EnumReader<'de, N> {
    name: Cow<'de, str>,
    content: Option<Reader<N>>,
}

impl<'de, N: Node<'de>> EnumReader<'de, N> {
    pub(super) fn new(reader: Reader<N>, variants: &'static [&'static str]) -> Result<Self, TypedError> {
        let expected = Expected::OneOf(variants);
        let members = match reader.value()? {
            NodeValue::Text(name) => return Ok(Self { name, content: None }),
            NodeValue::Table(members) => members,
            other => return Err(TypedError::unexpected(other.found(), expected)),
        };
        let found = members.len();
        match members.into_iter().next() {
            Some((key, node)) if found == 1 => {
                Ok(Self { name: key.text, content: Some(Reader::below(reader.depth(), node)) })
            }
            Some(_) => {
                let expected = Expected::Described(format!("a table with one key, {expected}"));
                Err(TypedError::unexpected(Unexpected::Other("a table").into(), expected))
            }
            None => Err(TypedError::unexpected(Unexpected::Map.into(), expected)),
        }
    }
}

impl<'de, N: Node<'de>> EnumAccess<'de> for EnumReader<'de, N> {
    type Error = TypedError;
    type Variant = Self;

    fn variant_seed<S: DeserializeSeed<'de>>(self, seed: S) -> Result<(S::Value, Self), TypedError> {
        let variant = seed.deserialize(de::value::StrDeserializer::<TypedError>::new(&self.name))?;
        Ok((variant, self))
    }
}

impl<'de, N: Node<'de>> EnumReader<'de, N> {
    fn content<T>(self, read: impl FnOnce(Reader<N>) -> Result<T, TypedError>) -> Result<T, TypedError> {
        match self.content {
            Some(content) => read(content).map_err(|error| error.in_member(&self.name)),
            None => {
                let message = format!("`{}` must be a table, not text", self.name.escape_debug());
                Err(de::Error::custom(message))
            }
        }
    }
}

impl<'de, N: Node<'de>> VariantAccess<'de> for EnumReader<'de, N> {
    type Error = TypedError;

    fn unit_variant(self) -> Result<(), TypedError> {
        if self.content.is_none() {
            return Ok(());
        }
        Err(de::Error::custom(format!("`{}` must be text, not a table", self.name.escape_debug())))
    }

    fn newtype_variant_seed<S: DeserializeSeed<'de>>(self, seed: S) -> Result<S::Value, TypedError> {
        self.content(|content| seed.deserialize(content))
    }

    fn tuple_variant<V: Visitor<'de>>(self, length: usize, visitor: V) -> Result<V::Value, TypedError> {
        self.content(|content| content.deserialize_tuple(length, visitor))
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, TypedError> {
        self.content(|content| content.deserialize_struct("", fields, visitor))
    }
}
