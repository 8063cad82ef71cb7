//! The elements of a list or table, for serde.

use std::{borrow::Cow, vec};

use serde::{
    de::{self, DeserializeSeed, Deserializer, IntoDeserializer as _, MapAccess, SeqAccess, Visitor},
    forward_to_deserialize_any,
};
use serde_spanned::de::{SpannedDeserializer, is_spanned};

use super::{RAW_JSON, Reader};
use crate::diagnostic::{
    node::{Node, NodeKey},
    setting_error::TypedError,
};

/// The elements of a list.
pub(super) struct ListReader<N> {
    items: vec::IntoIter<N>,
    index: usize,
    depth: u8,
}

impl<N> ListReader<N> {
    /// A reader of the elements of a list at `depth`.
    pub(super) fn new(items: Vec<N>, depth: u8) -> Self {
        Self { items: items.into_iter(), index: 0, depth }
    }
}

impl<'de, N: Node<'de>> SeqAccess<'de> for ListReader<N> {
    type Error = TypedError;

    fn next_element_seed<S: DeserializeSeed<'de>>(
        &mut self,
        seed: S,
    ) -> Result<Option<S::Value>, TypedError> {
        let Some(node) = self.items.next() else { return Ok(None) };
        let index = self.index;
        self.index += 1;
        let read = seed.deserialize(Reader::below(self.depth, node));
        read.map(Some).map_err(|error| error.in_element(index))
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.items.len())
    }
}

/// The keys and values of a table.
pub(super) struct TableReader<'de, N> {
    members: vec::IntoIter<(NodeKey<'de>, N)>,
    /// The member whose key was read last.
    current: Option<(NodeKey<'de>, N)>,
    depth: u8,
}

impl<'de, N> TableReader<'de, N> {
    /// A reader of the members of a table at `depth`.
    pub(super) fn new(members: Vec<(NodeKey<'de>, N)>, depth: u8) -> Self {
        Self { members: members.into_iter(), current: None, depth }
    }
}

impl<'de, N: Node<'de>> MapAccess<'de> for TableReader<'de, N> {
    type Error = TypedError;

    fn next_key_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<Option<S::Value>, TypedError> {
        self.current = self.members.next();
        let key = self.current.as_ref().map(|(key, _)| KeyReader(key.clone()));
        key.map(|key| seed.deserialize(key)).transpose()
    }

    #[expect(clippy::expect_used, reason = "serde's contract: each value is read after its key")]
    fn next_value_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<S::Value, TypedError> {
        let (key, node) = self.current.take().expect("the key is read before its value");
        seed.deserialize(Reader::below(self.depth, node)).map_err(|error| error.in_member(&key.text))
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.members.len())
    }
}

/// Reads a key.
struct KeyReader<'de>(NodeKey<'de>);

impl<'de> Deserializer<'de> for KeyReader<'de> {
    type Error = TypedError;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, TypedError> {
        match self.0.text {
            Cow::Borrowed(text) => visitor.visit_borrowed_str(text),
            Cow::Owned(text) => visitor.visit_string(text),
        }
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        _fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, TypedError> {
        if is_spanned(name) {
            let NodeKey { text, span } = self.0;
            return visitor.visit_map(SpannedDeserializer::new(text, span.unwrap_or_default()));
        }
        self.deserialize_any(visitor)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        visitor: V,
    ) -> Result<V::Value, TypedError> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _name: &'static str,
        _variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, TypedError> {
        visitor.visit_enum(self.0.text.into_deserializer())
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit unit_struct seq
        tuple tuple_struct map identifier ignored_any
    }
}

/// The text of a value, as `serde_json::value::RawValue` reads it: a table with one key.
pub(super) struct RawJson<'de>(Option<&'de str>);

impl<'de> RawJson<'de> {
    pub(super) const fn new(text: &'de str) -> Self {
        Self(Some(text))
    }
}

impl<'de> MapAccess<'de> for RawJson<'de> {
    type Error = TypedError;

    fn next_key_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<Option<S::Value>, TypedError> {
        let key = self.0.map(|_| de::value::BorrowedStrDeserializer::new(RAW_JSON));
        key.map(|key| seed.deserialize(key)).transpose()
    }

    fn next_value_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<S::Value, TypedError> {
        seed.deserialize(de::value::BorrowedStrDeserializer::new(self.0.take().unwrap_or_default()))
    }
}
