//! Lists whose items are read one after the other and not kept.

use std::fmt;
use std::marker::PhantomData;

use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserialize, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::event::Deltas;

/// What the items of a list add up to. `T` is an item.
pub(crate) trait Merge<T>: Default {
    fn add(&mut self, item: T);
}

impl<'a, T: Into<Deltas<'a>>> Merge<T> for Deltas<'a> {
    fn add(&mut self, item: T) {
        *self = self.and(item.into());
    }
}

/// The items of type `T` of a list, added up. `null` is an empty list, `null` among the items is none, and an object is a
/// list of one.
#[derive(Debug)]
pub(crate) struct Merged<T, M> {
    pub(crate) sum: M,
    item: PhantomData<T>,
}

impl<T, M: Default> Default for Merged<T, M> {
    fn default() -> Self {
        Self { sum: M::default(), item: PhantomData }
    }
}

impl<'de, T: Deserialize<'de>, M: Merge<T>> Deserialize<'de> for Merged<T, M> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let sum = deserializer.deserialize_any(MergeVisitor(PhantomData))?;
        Ok(Self { sum, item: PhantomData })
    }
}

struct MergeVisitor<T, M>(PhantomData<(T, M)>);

impl<'de, T: Deserialize<'de>, M: Merge<T>> Visitor<'de> for MergeVisitor<T, M> {
    type Value = M;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<M, A::Error> {
        let mut sum = M::default();
        while let Some(item) = items.next_element::<Option<T>>()? {
            if let Some(item) = item {
                sum.add(item);
            }
        }
        Ok(sum)
    }

    fn visit_map<A: MapAccess<'de>>(self, members: A) -> Result<M, A::Error> {
        let mut sum = M::default();
        sum.add(T::deserialize(MapAccessDeserializer::new(members))?);
        Ok(sum)
    }

    fn visit_unit<E: Error>(self) -> Result<M, E> {
        Ok(M::default())
    }
}

/// The content of a message or delta: a text, or a list of parts of type `T`.
#[derive(Debug)]
pub(crate) struct Content<'a, T> {
    pub(crate) deltas: Deltas<'a>,
    part: PhantomData<T>,
}

impl<T> Default for Content<'_, T> {
    fn default() -> Self {
        Self { deltas: Deltas::default(), part: PhantomData }
    }
}

impl<'de: 'a, 'a, T: Deserialize<'de> + Into<Deltas<'a>>> Deserialize<'de> for Content<'a, T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let deltas = deserializer.deserialize_any(ContentVisitor::<'a, T>(PhantomData))?;
        Ok(Self { deltas, part: PhantomData })
    }
}

struct ContentVisitor<'a, T>(PhantomData<(&'a (), T)>);

impl<'de: 'a, 'a, T: Deserialize<'de> + Into<Deltas<'a>>> Visitor<'de> for ContentVisitor<'a, T> {
    type Value = Deltas<'a>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a text or a list of parts")
    }

    fn visit_borrowed_str<E: Error>(self, text: &'de str) -> Result<Self::Value, E> {
        Ok(Deltas::text(text))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Self::Value, E> {
        Ok(Deltas::of_output(!text.is_empty()))
    }

    fn visit_unit<E: Error>(self) -> Result<Self::Value, E> {
        Ok(Deltas::default())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, items: A) -> Result<Self::Value, A::Error> {
        MergeVisitor::<T, Deltas<'a>>(PhantomData).visit_seq(items)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Self::Value, A::Error> {
        let mut present = false;
        while members.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {
            present = true;
        }
        Ok(Deltas::of_output(present))
    }
}
