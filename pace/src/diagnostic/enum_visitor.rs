//! Reads an enum from text or from a table with one key, with typed errors.

use std::fmt;

use serde::de::{
    self, DeserializeSeed, Deserializer, EnumAccess, IgnoredAny, MapAccess, SeqAccess, VariantAccess, Visitor,
};

use super::{
    expected::Expected,
    setting_error::TypedError,
    state::{State, Tracked},
};

/// Reads an enum from text (a variant alone) or from a table with one key (a variant with content).
pub(super) struct EnumVisitor<'s, V> {
    pub(super) visitor: V,
    pub(super) state: &'s State,
    pub(super) is_key: bool,
    pub(super) variants: &'static [&'static str],
}

impl<V> EnumVisitor<'_, V> {
    fn reject<E: de::Error>(&self, found: de::Unexpected<'_>) -> E {
        self.state.keep(TypedError::unexpected(found, Expected::OneOf(self.variants)))
    }
}

impl<'de, V: Visitor<'de>> Visitor<'de> for EnumVisitor<'_, V> {
    type Value = V::Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", Expected::OneOf(self.variants))
    }

    fn visit_bool<E: de::Error>(self, value: bool) -> Result<V::Value, E> {
        Err(self.reject(de::Unexpected::Bool(value)))
    }

    fn visit_i64<E: de::Error>(self, value: i64) -> Result<V::Value, E> {
        Err(self.reject(de::Unexpected::Signed(value)))
    }

    fn visit_u64<E: de::Error>(self, value: u64) -> Result<V::Value, E> {
        Err(self.reject(de::Unexpected::Unsigned(value)))
    }

    fn visit_f64<E: de::Error>(self, value: f64) -> Result<V::Value, E> {
        Err(self.reject(de::Unexpected::Float(value)))
    }

    fn visit_unit<E: de::Error>(self) -> Result<V::Value, E> {
        Err(self.reject(de::Unexpected::Unit))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, _access: A) -> Result<V::Value, A::Error> {
        Err(self.reject(de::Unexpected::Seq))
    }

    fn visit_str<E: de::Error>(self, value: &str) -> Result<V::Value, E> {
        if self.is_key {
            value.clone_into(&mut self.state.key.borrow_mut());
        }
        let Self { visitor, state, .. } = self;
        let access = de::value::StrDeserializer::<TypedError>::new(value);
        visitor.visit_enum(access).map_err(|error| state.keep(error))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<V::Value, A::Error> {
        let Some(key) = access.next_key::<String>()? else {
            return Err(self.reject(de::Unexpected::Map));
        };
        let expected = Expected::OneOf(self.variants);
        let Self { visitor, state, .. } = self;
        let variant = EnumContent { access, key, state, expected };
        visitor.visit_enum(variant).map_err(|error| state.keep(error))
    }
}

/// The one key of an enum's table and what it holds.
struct EnumContent<'s, A> {
    access: A,
    key: String,
    state: &'s State,
    expected: Expected,
}

impl<'de, A: MapAccess<'de>> EnumAccess<'de> for EnumContent<'_, A> {
    type Error = TypedError;
    type Variant = Self;

    fn variant_seed<S: DeserializeSeed<'de>>(self, seed: S) -> Result<(S::Value, Self), TypedError> {
        let variant = seed.deserialize(de::value::StrDeserializer::<TypedError>::new(&self.key))?;
        Ok((variant, self))
    }
}

impl<'de, A: MapAccess<'de>> EnumContent<'_, A> {
    fn content<S: DeserializeSeed<'de>>(mut self, seed: S) -> Result<S::Value, TypedError> {
        let state = self.state;
        let seed = Tracked { inner: seed, state, is_key: false };
        let (access, key) = (&mut self.access, &self.key);
        let content = state
            .within(|path| path.push_key(key), || access.next_value_seed(seed))
            .map_err(|error| state.take(error))?;
        match self.access.next_key::<IgnoredAny>().map_err(|error| state.take(error))? {
            None => Ok(content),
            Some(_) => Err(TypedError::unexpected(
                de::Unexpected::Other("a table"),
                Expected::Described(format!("a table with one key, {}", self.expected)),
            )),
        }
    }
}

/// Reads what a variant holds through one method of a deserializer.
struct VariantSeed<V> {
    visitor: V,
    fields: Option<&'static [&'static str]>,
}

impl<'de, V: Visitor<'de>> DeserializeSeed<'de> for VariantSeed<V> {
    type Value = V::Value;

    fn deserialize<D: Deserializer<'de>>(self, format: D) -> Result<V::Value, D::Error> {
        match self.fields {
            Some(fields) => format.deserialize_struct("", fields, self.visitor),
            None => format.deserialize_seq(self.visitor),
        }
    }
}

impl<'de, A: MapAccess<'de>> VariantAccess<'de> for EnumContent<'_, A> {
    type Error = TypedError;

    fn unit_variant(self) -> Result<(), TypedError> {
        let key = self.key.clone();
        self.content(std::marker::PhantomData::<IgnoredAny>)?;
        Err(TypedError::Custom(format!("`{}` must be text, not a table", key.escape_debug())))
    }

    fn newtype_variant_seed<S: DeserializeSeed<'de>>(self, seed: S) -> Result<S::Value, TypedError> {
        self.content(seed)
    }

    fn tuple_variant<V: Visitor<'de>>(self, _length: usize, visitor: V) -> Result<V::Value, TypedError> {
        self.content(VariantSeed { visitor, fields: None })
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, TypedError> {
        self.content(VariantSeed { visitor, fields: Some(fields) })
    }
}
