//! The content of a message: a text, or a list of parts.

use std::{borrow::Cow, fmt};

use serde::{
    Deserialize, Deserializer,
    de::{self, SeqAccess, Visitor},
};
use weir_model::TokenCounter;

use crate::{
    api::openai::bounds::not_empty,
    request::{
        Problem,
        json::{self, AnyFields, Object, Str, read_list},
    },
};

/// Maximum parts of one message.
const PARTS_MAX: usize = 2_048;
/// Tokens of an image at low detail, and otherwise: gpt-4o's 85 tokens, and 170 more for each of the four tiles of an
/// image of 1024 x 1024 (OpenAI's guide to vision). Images are not decoded.
const IMAGE_TOKENS_LOW: u32 = 85;
const IMAGE_TOKENS: u32 = 765;
/// Tokens of an audio part: ten seconds at gpt-4o-audio's ten tokens per second. Audio is not decoded.
const AUDIO_TOKENS: u32 = 100;
/// Tokens of a file: one page, which the provider reads as an image.
const FILE_TOKENS: u32 = IMAGE_TOKENS;

const KINDS: [&str; 5] = ["text", "image_url", "input_audio", "refusal", "file"];

/// The path of a message in its request, for errors.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct MessagePath(pub(super) usize);

impl fmt::Display for MessagePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "messages[{}]", self.0)
    }
}

/// The content of a message.
#[derive(Debug, Default)]
pub(super) enum Content<'a> {
    /// Nothing, or null.
    #[default]
    Missing,
    Text(Cow<'a, str>),
    Parts(Vec<Object<RawPart<'a>>>),
}

#[derive(Debug, Deserialize)]
pub(super) struct RawPart<'a> {
    #[serde(rename = "type", borrow)]
    kind: Str<'a>,
    #[serde(borrow)]
    text: Option<Str<'a>>,
    #[serde(borrow)]
    refusal: Option<Str<'a>>,
    #[serde(borrow)]
    image_url: Option<Object<RawImage<'a>>>,
    input_audio: Option<Object<AnyFields>>,
    file: Option<Object<AnyFields>>,
}

#[derive(Debug, Deserialize)]
struct RawImage<'a> {
    #[serde(rename = "url", borrow)]
    _url: Str<'a>,
    #[serde(borrow)]
    detail: Option<Str<'a>>,
}

/// The tokens of a content.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Cost {
    pub(super) tokens: u32,
    /// Of these, audio tokens.
    pub(super) audio: u32,
}

impl<'a> Content<'a> {
    /// Its tokens.
    pub(super) fn cost(&self, path: MessagePath, counter: &TokenCounter) -> Result<Cost, Problem> {
        match self {
            Self::Missing => Ok(Cost::default()),
            Self::Text(text) => Ok(Cost { tokens: counter.count(text), audio: 0 }),
            Self::Parts(parts) if parts.is_empty() => {
                not_empty(&format!("{path}.content"), parts).map(|()| Cost::default())
            }
            Self::Parts(parts) => {
                let mut cost = Cost::default();
                for (index, part) in parts.iter().enumerate() {
                    let of_part = part.cost(|| format!("{path}.content[{index}]"), counter)?;
                    cost.tokens = cost.tokens.saturating_add(of_part.tokens);
                    cost.audio = cost.audio.saturating_add(of_part.audio);
                }
                Ok(cost)
            }
        }
    }

    /// Its text: all parts concatenated.
    pub(super) fn into_text(self) -> Cow<'a, str> {
        match self {
            Self::Missing => Cow::Borrowed(""),
            Self::Text(text) => text,
            Self::Parts(parts) => {
                let mut texts = parts.into_iter().filter_map(|Object(part)| part.text);
                let Str(mut all) = texts.next().unwrap_or_default();
                for text in texts {
                    all.to_mut().push_str(&text);
                }
                all
            }
        }
    }
}

impl RawPart<'_> {
    fn cost(&self, path: impl Fn() -> String, counter: &TokenCounter) -> Result<Cost, Problem> {
        let needed = |field: &str| json::missing(&format!("{}.{field}", path()));
        let plain = |tokens| Cost { tokens, audio: 0 };
        Ok(match &*self.kind {
            "text" => plain(counter.count(self.text.as_ref().ok_or_else(|| needed("text"))?)),
            "refusal" => plain(counter.count(self.refusal.as_ref().ok_or_else(|| needed("refusal"))?)),
            "image_url" => plain(self.image_url.as_ref().ok_or_else(|| needed("image_url"))?.tokens()),
            "input_audio" => {
                self.input_audio.as_ref().ok_or_else(|| needed("input_audio"))?;
                Cost { tokens: AUDIO_TOKENS, audio: AUDIO_TOKENS }
            }
            "file" => {
                self.file.as_ref().ok_or_else(|| needed("file"))?;
                plain(FILE_TOKENS)
            }
            other => return Err(json::unsupported(&format!("{}.type", path()), other, &KINDS)),
        })
    }
}

impl RawImage<'_> {
    fn tokens(&self) -> u32 {
        let is_low = self.detail.as_deref().is_some_and(|detail| detail == "low");
        if is_low { IMAGE_TOKENS_LOW } else { IMAGE_TOKENS }
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Content<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct TextOrParts;
        impl<'de> Visitor<'de> for TextOrParts {
            type Value = Content<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("one of a string or array of objects")
            }

            fn visit_borrowed_str<E: de::Error>(self, text: &'de str) -> Result<Content<'de>, E> {
                Ok(Content::Text(Cow::Borrowed(text)))
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Content<'de>, E> {
                Ok(Content::Text(Cow::Owned(text.to_owned())))
            }

            fn visit_unit<E: de::Error>(self) -> Result<Content<'de>, E> {
                Ok(Content::Missing)
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut parts: A) -> Result<Content<'de>, A::Error> {
                read_list::<_, _, PARTS_MAX>(&mut parts, Vec::new()).map(Content::Parts)
            }
        }
        deserializer.deserialize_any(TextOrParts)
    }
}
