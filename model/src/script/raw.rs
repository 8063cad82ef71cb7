//! Raw scripts, as parsed from TOML.

use std::{fmt, time::Duration};

use serde::{
    Deserialize, Deserializer,
    de::{self, SeqAccess, Visitor},
};

use crate::schema::Json;

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawScript {
    #[serde(default)]
    pub(super) rule: Vec<RawRule>,
    pub(super) otherwise: Option<RawFallback>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum RawFallback {
    Natural,
    Echo,
    Fixed(String),
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawRule {
    #[serde(default)]
    pub(super) when: RawWhen,
    pub(super) say: Option<RawTexts>,
    pub(super) call: Option<Vec<RawCall>>,
    pub(super) refuse: Option<String>,
    pub(super) error: Option<RawError>,
    pub(super) delay: Option<RawDelay>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawWhen {
    pub(super) user: Option<String>,
    pub(super) user_regex: Option<String>,
    pub(super) model: Option<String>,
    pub(super) turn: Option<u32>,
    pub(super) tool: Option<String>,
    pub(super) tool_result: Option<String>,
    pub(super) tool_result_regex: Option<String>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawCall {
    pub(super) tool: String,
    pub(super) arguments: Option<Json>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawError {
    pub(super) status: u16,
    #[serde(rename = "type")]
    pub(super) kind: Option<String>,
    pub(super) code: Option<String>,
    pub(super) message: Option<String>,
    pub(super) retry_after: Option<RawDelay>,
}

/// A duration, as text.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(transparent)]
pub(crate) struct RawDelay(#[serde(with = "weir_pace::duration_text")] pub(crate) Duration);

/// One text, or several.
#[derive(Clone, Debug)]
pub(super) struct RawTexts(pub(super) Vec<String>);

impl<'de> Deserialize<'de> for RawTexts {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct OneOrMore;
        impl<'de> Visitor<'de> for OneOrMore {
            type Value = RawTexts;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a text, or a list of texts to choose from")
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<RawTexts, E> {
                Ok(RawTexts(vec![text.to_owned()]))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<RawTexts, A::Error> {
                let mut texts = Vec::new();
                while let Some(text) = items.next_element()? {
                    texts.push(text);
                }
                Ok(RawTexts(texts))
            }
        }
        deserializer.deserialize_any(OneOrMore)
    }
}
