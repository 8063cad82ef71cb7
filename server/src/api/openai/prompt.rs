//! The input of completions and embeddings: a text or tokens, or a list of either.

use std::{borrow::Cow, fmt};

use serde::{
    Deserialize, Deserializer,
    de::{self, SeqAccess, Unexpected, Visitor},
};
use weir_model::{TokenCounter, decode_whole};

use crate::request::json::{List, Str, U32, read_list};

/// Maximum prompts of one request (the provider's limit).
pub(super) const PROMPTS_MAX: usize = 2_048;
/// Maximum tokens of one prompt that is given in tokens: no context here is larger.
const IDS_MAX: usize = 1 << 21;

/// One prompt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Prompt<'a> {
    Text(Cow<'a, str>),
    Tokens(Vec<u32>),
}

/// One prompt or more.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Prompts<'a>(pub(super) Vec<Prompt<'a>>);

impl Prompt<'_> {
    /// The number of its tokens.
    pub(super) fn tokens(&self, counter: &TokenCounter) -> u32 {
        match self {
            Self::Text(text) => counter.count(text),
            Self::Tokens(ids) => u32::try_from(ids.len()).unwrap_or(u32::MAX),
        }
    }

    /// Its text; `None` if the vocabulary lacks one of its tokens.
    pub(super) fn text(&self) -> Option<String> {
        match self {
            Self::Text(text) => Some(text.clone().into_owned()),
            Self::Tokens(ids) => decode_whole(ids),
        }
    }

    /// Returns an owned copy.
    pub(super) fn into_owned(self) -> Prompt<'static> {
        match self {
            Self::Text(text) => Prompt::Text(Cow::Owned(text.into_owned())),
            Self::Tokens(ids) => Prompt::Tokens(ids),
        }
    }
}

/// The first element of a list determines its type.
#[derive(Debug)]
enum First<'a> {
    Text(Str<'a>),
    Id(u32),
    Ids(Vec<u32>),
}

impl<'de: 'a, 'a> Deserialize<'de> for First<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct TextOrTokens;
        impl<'de> Visitor<'de> for TextOrTokens {
            type Value = First<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("one of a string, an integer or an array of integers")
            }

            fn visit_borrowed_str<E: de::Error>(self, text: &'de str) -> Result<First<'de>, E> {
                Ok(First::Text(Str(Cow::Borrowed(text))))
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<First<'de>, E> {
                Ok(First::Text(Str(Cow::Owned(text.to_owned()))))
            }

            fn visit_u64<E: de::Error>(self, id: u64) -> Result<First<'de>, E> {
                let wrong = |_| E::invalid_value(Unexpected::Unsigned(id), &U32);
                u32::try_from(id).map(First::Id).map_err(wrong)
            }

            fn visit_i64<E: de::Error>(self, id: i64) -> Result<First<'de>, E> {
                Err(E::invalid_value(Unexpected::Signed(id), &U32))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut ids: A) -> Result<First<'de>, A::Error> {
                read_list::<_, _, IDS_MAX>(&mut ids, Vec::new()).map(First::Ids)
            }
        }
        deserializer.deserialize_any(TextOrTokens)
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Prompts<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct OneOrMore;
        impl<'de> Visitor<'de> for OneOrMore {
            type Value = Prompts<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(
                    "one of a string, array of strings, array of integers or array of arrays of integers",
                )
            }

            fn visit_borrowed_str<E: de::Error>(self, text: &'de str) -> Result<Prompts<'de>, E> {
                Ok(Prompts(vec![Prompt::Text(Cow::Borrowed(text))]))
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Prompts<'de>, E> {
                Ok(Prompts(vec![Prompt::Text(Cow::Owned(text.to_owned()))]))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Prompts<'de>, A::Error> {
                Ok(Prompts(match list.next_element::<First<'de>>()? {
                    None => Vec::new(),
                    Some(First::Id(id)) => {
                        vec![Prompt::Tokens(read_list::<_, _, IDS_MAX>(&mut list, vec![id])?)]
                    }
                    Some(First::Text(text)) => {
                        let texts = read_list::<_, _, PROMPTS_MAX>(&mut list, vec![text])?;
                        texts.into_iter().map(|Str(text)| Prompt::Text(text)).collect()
                    }
                    Some(First::Ids(ids)) => {
                        let lists = read_list::<_, _, PROMPTS_MAX>(&mut list, vec![List(ids)])?;
                        lists.into_iter().map(|List::<_, IDS_MAX>(ids)| Prompt::Tokens(ids)).collect()
                    }
                }))
            }
        }
        deserializer.deserialize_any(OneOrMore)
    }
}
