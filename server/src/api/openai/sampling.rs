//! Common options of chat and completion requests: stop sequences and delivery.

use std::{borrow::Cow, fmt};

use serde::{
    Deserialize, Deserializer,
    de::{self, SeqAccess, Visitor},
};

use crate::request::{
    Problem,
    json::{Object, Str, read_list},
};

/// Maximum stop sequences (the provider's limit).
const STOPS_MAX: usize = 4;

/// Stop sequences: one, or a list.
#[derive(Debug, Default)]
pub(super) struct Stops<'a>(Vec<Str<'a>>);

impl<'a> Stops<'a> {
    /// Returns the non-empty sequences.
    pub(super) fn into_sequences(self) -> Vec<Cow<'a, str>> {
        self.0.into_iter().map(|Str(stop)| stop).filter(|stop| !stop.is_empty()).collect()
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Stops<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct OneOrMore;
        impl<'de> Visitor<'de> for OneOrMore {
            type Value = Stops<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("one of a string or array of strings")
            }

            fn visit_borrowed_str<E: de::Error>(self, text: &'de str) -> Result<Stops<'de>, E> {
                Ok(Stops(vec![Str(Cow::Borrowed(text))]))
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Stops<'de>, E> {
                Ok(Stops(vec![Str(Cow::Owned(text.to_owned()))]))
            }

            fn visit_unit<E: de::Error>(self) -> Result<Stops<'de>, E> {
                Ok(Stops::default())
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Stops<'de>, A::Error> {
                read_list::<_, _, STOPS_MAX>(&mut list, Vec::new()).map(Stops)
            }
        }
        deserializer.deserialize_any(OneOrMore)
    }
}

/// How an answer is delivered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Delivery {
    Plain,
    Stream(UsageChunks),
}

/// Which chunks of a stream have usage.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum UsageChunks {
    None,
    /// An additional chunk at the end.
    Last,
    /// That chunk, and the usage so far in every other (vLLM's `continuous_usage_stats`).
    Every,
}

#[derive(Debug, Deserialize)]
pub(super) struct RawStreamOptions {
    include_usage: Option<bool>,
    continuous_usage_stats: Option<bool>,
    #[serde(rename = "include_obfuscation")]
    _include_obfuscation: Option<bool>,
}

impl Delivery {
    /// Stream options do not apply to plain answers.
    pub(super) fn new(stream: Option<bool>, options: Option<Object<RawStreamOptions>>) -> Self {
        if stream != Some(true) {
            return Self::Plain;
        }
        let Some(Object(options)) = options else { return Self::Stream(UsageChunks::None) };
        Self::Stream(match (options.include_usage, options.continuous_usage_stats) {
            (Some(true), Some(true)) => UsageChunks::Every,
            (Some(true), Some(false) | None) => UsageChunks::Last,
            (Some(false) | None, _) => UsageChunks::None,
        })
    }
}

impl UsageChunks {
    /// With usage at the end, every other chunk has a null usage.
    pub(super) const fn of_chunk(self) -> &'static [u8] {
        match self {
            Self::Last => b",\"usage\":null",
            Self::None | Self::Every => b"",
        }
    }
}

/// Checks that stream options are only given for streams. The provider's SDK sends them with `stream: false`, too.
pub(super) fn check_stream_options(stream: Option<bool>, has_options: bool) -> Result<(), Problem> {
    if !has_options || stream.is_some() {
        return Ok(());
    }
    let message = "The 'stream_options' parameter is only allowed when 'stream' is enabled.".to_owned();
    Err(Problem::invalid(Some("stream_options".to_owned()), message))
}

/// vLLM's `min_tokens` must not exceed `max_tokens`.
pub(super) fn check_min_tokens(least: Option<u32>, most: Option<u32>) -> Result<u32, Problem> {
    let least = least.unwrap_or(0);
    match most {
        Some(most) if least > most => {
            let message = format!("Invalid 'min_tokens': {least} is more than the limit of {most} tokens.");
            Err(Problem::field("min_tokens", "invalid_value", message))
        }
        Some(_) | None => Ok(least),
    }
}
