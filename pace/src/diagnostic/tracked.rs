//! Reads a value through any self-describing format, and keeps serde's errors typed together with the path of the key.
//!
//! The wrapper mediates between the format and the type. Errors of the type's visitors are caught as [`TypedError`] and
//! kept aside while the format's own error type carries a placeholder outwards.

use std::fmt;

use serde::de::{self, DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};

use super::{
    SettingError,
    enum_visitor::EnumVisitor,
    expected::{Expectation, Expected},
    path::KeyPath,
    setting_error::TypedError,
    state::{State, Tracked},
};

/// Structs and newtypes whose names begin so are signals to the format, such as `toml::Spanned`.
const FORMAT_SIGNAL: char = '$';

/// Reads `T`.
///
/// # Errors
/// The key and what is wrong with it. An error of the format itself (syntax) comes as [`SettingProblem::Invalid`](super::SettingProblem::Invalid).
pub fn read_settings<'de, T, D>(format: D) -> Result<T, SettingError>
where
    T: de::Deserialize<'de>,
    D: Deserializer<'de>,
{
    let state = State::default();
    T::deserialize(Tracked { inner: format, state: &state, is_key: false })
        .map_err(|error| error.at(state.path.take()))
}

impl<'s, T> Tracked<'s, T> {
    fn wrap<U>(&self, inner: U) -> Tracked<'s, U> {
        Tracked { inner, state: self.state, is_key: self.is_key }
    }
}

/// A visitor, with what its type expects.
struct TrackedVisitor<'s, V> {
    visitor: V,
    state: &'s State,
    is_key: bool,
    expectation: Expectation,
}

impl<'s, V> TrackedVisitor<'s, V> {
    fn wrap<U>(&self, inner: U) -> Tracked<'s, U> {
        Tracked { inner, state: self.state, is_key: self.is_key }
    }
}

impl<'s, D> Tracked<'s, D> {
    fn visitor<V>(&self, visitor: V, expectation: Expectation) -> TrackedVisitor<'s, V> {
        TrackedVisitor { visitor, state: self.state, is_key: self.is_key, expectation }
    }

    /// Lets the format show what it has: a value of the wrong type is then rejected by the visitor, with a typed error.
    fn any<'de, V>(self, visitor: V, expectation: Expectation) -> Result<V::Value, TypedError>
    where
        D: Deserializer<'de>,
        V: Visitor<'de>,
    {
        let (state, visitor) = (self.state, self.visitor(visitor, expectation));
        self.inner.deserialize_any(visitor).map_err(|error| state.take(error))
    }
}

macro_rules! read_any {
    ($($method:ident: $expectation:expr;)*) => {
        $(fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, TypedError> {
            self.any(visitor, $expectation)
        })*
    };
}

const TEXT: Expectation = Expectation::Known(Expected::Text);
const NUMBER: Expectation = Expectation::Known(Expected::Number);
const LIST: Expectation = Expectation::Known(Expected::List);
const TABLE: Expectation = Expectation::Known(Expected::Table);

const fn integer(min: i64, max: u64) -> Expectation {
    Expectation::Integer { min, max }
}

impl<'de, D: Deserializer<'de>> Deserializer<'de> for Tracked<'_, D> {
    type Error = TypedError;

    read_any! {
        deserialize_any: Expectation::ByVisitor;
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
        deserialize_seq: LIST;
        deserialize_map: TABLE;
        deserialize_identifier: Expectation::ByVisitor;
        deserialize_unit: Expectation::ByVisitor;
    }

    fn deserialize_bytes<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, TypedError> {
        let (state, visitor) = (self.state, self.visitor(visitor, Expectation::ByVisitor));
        self.inner.deserialize_bytes(visitor).map_err(|error| state.take(error))
    }

    fn deserialize_byte_buf<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, TypedError> {
        self.deserialize_bytes(visitor)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, TypedError> {
        let (state, visitor) = (self.state, self.visitor(visitor, Expectation::ByVisitor));
        self.inner.deserialize_option(visitor).map_err(|error| state.take(error))
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
        if !name.starts_with(FORMAT_SIGNAL) {
            return visitor.visit_newtype_struct(self);
        }
        let (state, visitor) = (self.state, self.visitor(visitor, Expectation::ByVisitor));
        self.inner.deserialize_newtype_struct(name, visitor).map_err(|error| state.take(error))
    }

    fn deserialize_tuple<V: Visitor<'de>>(self, _length: usize, visitor: V) -> Result<V::Value, TypedError> {
        self.any(visitor, LIST)
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        _length: usize,
        visitor: V,
    ) -> Result<V::Value, TypedError> {
        self.any(visitor, LIST)
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, TypedError> {
        if !name.starts_with(FORMAT_SIGNAL) {
            return self.any(visitor, TABLE);
        }
        let (state, visitor) = (self.state, self.visitor(visitor, Expectation::ByVisitor));
        self.inner.deserialize_struct(name, fields, visitor).map_err(|error| state.take(error))
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, TypedError> {
        let state = self.state;
        let visitor = EnumVisitor { visitor, state, is_key: self.is_key, variants };
        self.inner.deserialize_any(visitor).map_err(|error| state.take(error))
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, TypedError> {
        let state = self.state;
        self.inner.deserialize_ignored_any(visitor).map_err(|error| state.take(error))
    }

    fn is_human_readable(&self) -> bool {
        self.inner.is_human_readable()
    }
}

macro_rules! visit_scalar {
    ($($method:ident: $type:ty;)*) => {
        $(fn $method<E: de::Error>(self, value: $type) -> Result<V::Value, E> {
            let Self { visitor, state, expectation, .. } = self;
            visitor.$method(value).map_err(|error: TypedError| state.keep(error.expecting(expectation)))
        })*
    };
}

impl<V> TrackedVisitor<'_, V> {
    fn note_key(&self, text: &str) {
        if self.is_key {
            text.clone_into(&mut self.state.key.borrow_mut());
        }
    }
}

impl<'de, V: Visitor<'de>> Visitor<'de> for TrackedVisitor<'_, V> {
    type Value = V::Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.visitor.expecting(f)
    }

    visit_scalar! {
        visit_bool: bool;
        visit_i64: i64;
        visit_i128: i128;
        visit_u64: u64;
        visit_u128: u128;
        visit_f64: f64;
        visit_char: char;
        visit_bytes: &[u8];
        visit_borrowed_bytes: &'de [u8];
        visit_byte_buf: Vec<u8>;
    }

    fn visit_str<E: de::Error>(self, value: &str) -> Result<V::Value, E> {
        self.note_key(value);
        let Self { visitor, state, expectation, .. } = self;
        visitor.visit_str(value).map_err(|error: TypedError| state.keep(error.expecting(expectation)))
    }

    fn visit_borrowed_str<E: de::Error>(self, value: &'de str) -> Result<V::Value, E> {
        self.note_key(value);
        let Self { visitor, state, expectation, .. } = self;
        visitor
            .visit_borrowed_str(value)
            .map_err(|error: TypedError| state.keep(error.expecting(expectation)))
    }

    fn visit_string<E: de::Error>(self, value: String) -> Result<V::Value, E> {
        self.note_key(&value);
        let Self { visitor, state, expectation, .. } = self;
        visitor.visit_string(value).map_err(|error: TypedError| state.keep(error.expecting(expectation)))
    }

    fn visit_none<E: de::Error>(self) -> Result<V::Value, E> {
        let Self { visitor, state, expectation, .. } = self;
        visitor.visit_none().map_err(|error: TypedError| state.keep(error.expecting(expectation)))
    }

    fn visit_unit<E: de::Error>(self) -> Result<V::Value, E> {
        let Self { visitor, state, expectation, .. } = self;
        visitor.visit_unit().map_err(|error: TypedError| state.keep(error.expecting(expectation)))
    }

    fn visit_some<D: Deserializer<'de>>(self, inner: D) -> Result<V::Value, D::Error> {
        let (inner, state) = (self.wrap(inner), self.state);
        self.visitor.visit_some(inner).map_err(|error| state.keep(error))
    }

    fn visit_newtype_struct<D: Deserializer<'de>>(self, inner: D) -> Result<V::Value, D::Error> {
        let (inner, state) = (self.wrap(inner), self.state);
        self.visitor.visit_newtype_struct(inner).map_err(|error| state.keep(error))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, access: A) -> Result<V::Value, A::Error> {
        let (access, state) = (TrackedSeq { access: self.wrap(access), index: 0 }, self.state);
        let expectation = self.expectation;
        self.visitor.visit_seq(access).map_err(|error| state.keep(error.expecting(expectation)))
    }

    fn visit_map<A: MapAccess<'de>>(self, access: A) -> Result<V::Value, A::Error> {
        let (access, state) = (self.wrap(access), self.state);
        let expectation = self.expectation;
        self.visitor.visit_map(access).map_err(|error| state.keep(error.expecting(expectation)))
    }
}

impl<'de, S: DeserializeSeed<'de>> DeserializeSeed<'de> for Tracked<'_, S> {
    type Value = S::Value;

    fn deserialize<D: Deserializer<'de>>(self, format: D) -> Result<S::Value, D::Error> {
        let (format, state) = (self.wrap(format), self.state);
        self.inner.deserialize(format).map_err(|error| state.keep(error.expecting(Expectation::ByVisitor)))
    }
}

struct TrackedSeq<'s, A> {
    access: Tracked<'s, A>,
    index: usize,
}

impl<'de, A: SeqAccess<'de>> SeqAccess<'de> for TrackedSeq<'_, A> {
    type Error = TypedError;

    fn next_element_seed<S: DeserializeSeed<'de>>(
        &mut self,
        seed: S,
    ) -> Result<Option<S::Value>, TypedError> {
        let (state, seed, index) = (self.access.state, self.access.wrap(seed), self.index);
        self.index += 1;
        let inner = &mut self.access.inner;
        state
            .within(|path| path.push_index(index), || inner.next_element_seed(seed))
            .map_err(|error| state.take(error))
    }

    fn size_hint(&self) -> Option<usize> {
        self.access.inner.size_hint()
    }
}

impl<'de, A: MapAccess<'de>> MapAccess<'de> for Tracked<'_, A> {
    type Error = TypedError;

    fn next_key_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<Option<S::Value>, TypedError> {
        let state = self.state;
        let seed = Tracked { inner: seed, state, is_key: true };
        self.inner.next_key_seed(seed).map_err(|error| state.take(error))
    }

    fn next_value_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<S::Value, TypedError> {
        let (state, seed) = (self.state, self.wrap(seed));
        let key = state.key.take();
        let push = |path: &mut KeyPath| {
            if !key.starts_with(FORMAT_SIGNAL) {
                path.push_key(&key);
            }
        };
        let inner = &mut self.inner;
        state.within(push, || inner.next_value_seed(seed)).map_err(|error| state.take(error))
    }

    fn size_hint(&self) -> Option<usize> {
        self.inner.size_hint()
    }
}
