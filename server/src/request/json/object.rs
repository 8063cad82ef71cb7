//! Parts of a request that are read with more care than serde takes by itself.

use std::{borrow::Cow, fmt, marker::PhantomData, ops::Deref};

use serde::{
    Deserialize, Deserializer,
    de::{
        self, Error as _, Expected, IgnoredAny, MapAccess, SeqAccess, Unexpected, Visitor,
        value::MapAccessDeserializer,
    },
};

/// What readers expect that know a range of integers, for [`range_of`].
pub(crate) const U32: &str = "an integer from 0 to 4294967295";
const POSITIVE_U32: &str = "an integer from 1 to 4294967295";

/// The range of integers that one of these expectations describes.
pub(super) fn range_of(expected: &str) -> Option<(i64, u64)> {
    match expected {
        U32 => Some((0, u32::MAX.into())),
        POSITIVE_U32 => Some((1, u32::MAX.into())),
        _ => None,
    }
}

/// A number above zero.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct PositiveU32(pub(crate) u32);

impl<'de> Deserialize<'de> for PositiveU32 {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Positive;
        impl Visitor<'_> for Positive {
            type Value = PositiveU32;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(POSITIVE_U32)
            }

            fn visit_u64<E: de::Error>(self, number: u64) -> Result<PositiveU32, E> {
                let valid = u32::try_from(number).ok().filter(|number| *number > 0);
                valid.map(PositiveU32).ok_or_else(|| E::invalid_value(Unexpected::Unsigned(number), &self))
            }

            fn visit_i64<E: de::Error>(self, number: i64) -> Result<PositiveU32, E> {
                Err(E::invalid_value(Unexpected::Signed(number), &self))
            }
        }
        deserializer.deserialize_any(Positive)
    }
}

/// A value that is written as a JSON object. A list, which serde would take for the fields in their order, is an error.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Object<T>(pub(crate) T);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Object<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Fields<T>(PhantomData<T>);
        impl<'de, T: Deserialize<'de>> Visitor<'de> for Fields<T> {
            type Value = Object<T>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Object<T>, A::Error> {
                T::deserialize(MapAccessDeserializer::new(map)).map(Object)
            }
        }
        deserializer.deserialize_map(Fields(PhantomData))
    }
}

impl<T> Deref for Object<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

/// A list of no more than `MAX` elements: those of a longer one are not kept, so that no body costs many times its size.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct List<T, const MAX: usize>(pub(crate) Vec<T>);

impl<'de, T: Deserialize<'de>, const MAX: usize> Deserialize<'de> for List<T, MAX> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Elements<T, const MAX: usize>(PhantomData<T>);
        impl<'de, T: Deserialize<'de>, const MAX: usize> Visitor<'de> for Elements<T, MAX> {
            type Value = List<T, MAX>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a sequence")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<List<T, MAX>, A::Error> {
                read_list::<T, A, MAX>(&mut elements, Vec::new()).map(List)
            }
        }
        deserializer.deserialize_seq(Elements::<T, MAX>(PhantomData))
    }
}

/// Reads the rest of a list after its `first` elements.
pub(crate) fn read_list<'de, T, A, const MAX: usize>(
    elements: &mut A,
    first: Vec<T>,
) -> Result<Vec<T>, A::Error>
where
    T: Deserialize<'de>,
    A: SeqAccess<'de>,
{
    let mut list = first;
    while list.len() < MAX {
        let Some(element) = elements.next_element()? else { return Ok(list) };
        list.push(element);
    }
    let mut length = list.len();
    while elements.next_element::<IgnoredAny>()?.is_some() {
        length += 1;
    }
    if length == MAX { Ok(list) } else { Err(A::Error::invalid_length(length, &MaximumLength(MAX))) }
}

struct MaximumLength(usize);

impl Expected for MaximumLength {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "an array with maximum length {}", self.0)
    }
}

/// An object whose fields are of no interest.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
pub(crate) struct AnyFields {}

/// A string that is borrowed from the body wherever nothing in it is escaped: in an `Option` or a `Vec` too, where serde
/// would copy a plain `Cow`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
pub(crate) struct Str<'a>(#[serde(borrow)] pub(crate) Cow<'a, str>);

impl Deref for Str<'_> {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}
