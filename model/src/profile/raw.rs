//! Raw profiles, as parsed from TOML.

use std::collections::BTreeMap;

use serde::Deserialize;
use weir_pace::{Amount, Latency};

use super::{Price, batching::RawBatching, reasoning::RawReasoning};
use crate::script::{RawDelay, RawScript};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawFile {
    #[serde(default)]
    pub(super) model: BTreeMap<String, RawProfile>,
    #[serde(default)]
    pub(super) script: BTreeMap<String, RawScript>,
}

/// All keys are optional: missing ones come from the inherited profile.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawProfile {
    pub(super) inherits: Option<String>,
    /// Patterns of the model names that this profile also answers to. They are not inherited.
    pub(super) families: Option<Vec<String>>,
    /// Other names of this profile. They are not inherited.
    pub(super) aliases: Option<Vec<String>>,
    pub(super) source: Option<String>,
    /// What figures that nobody measured are estimated from.
    pub(super) estimated: Option<String>,
    pub(super) owned_by: Option<String>,
    pub(super) engine: Option<RawEngine>,
    pub(super) ttft: Option<Latency>,
    pub(super) ttft_per_uncached_token: Option<RawDelay>,
    pub(super) itl: Option<Latency>,
    pub(super) tokens_per_event: Option<Amount>,
    pub(super) speed_spread: Option<f64>,
    pub(super) output_tokens: Option<Amount>,
    pub(super) context: Option<u32>,
    pub(super) embedding_dimensions: Option<u32>,
    pub(super) says: Option<RawResponseMode>,
    pub(super) price: Option<Price>,
    pub(super) reasoning: Option<RawReasoning>,
    /// The profiles that it inherited from so far, nearest first; not a key.
    #[serde(skip)]
    pub(super) ancestors: Vec<String>,
    /// Whether one of them has a source; not a key.
    #[serde(skip)]
    pub(super) has_source: bool,
}

/// A response mode: a name, or a table with one key.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum RawResponseMode {
    Natural,
    Echo,
    Fixed(String),
    Script(String),
}

/// An engine: a name, or a table with one key.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum RawEngine {
    Independent,
    Batching(Box<RawBatching>),
}

impl RawProfile {
    /// Returns this profile with missing keys from `parent`, the profile that it inherits from. Names and the source are
    /// not inherited: they belong to one profile. Without a source, figures of an estimated parent are estimates, too.
    pub(super) fn over(self, parent: Self) -> Self {
        let has_source = self.has_source || self.source.is_some();
        let mut ancestors = self.ancestors;
        ancestors.extend(self.inherits);
        Self {
            inherits: parent.inherits,
            families: self.families,
            aliases: self.aliases,
            estimated: self.estimated.or(parent.estimated.filter(|_| !has_source)),
            has_source: has_source || parent.source.is_some(),
            source: self.source,
            ancestors,
            owned_by: self.owned_by.or(parent.owned_by),
            engine: self.engine.or(parent.engine),
            ttft: self.ttft.or(parent.ttft),
            ttft_per_uncached_token: self.ttft_per_uncached_token.or(parent.ttft_per_uncached_token),
            itl: self.itl.or(parent.itl),
            tokens_per_event: self.tokens_per_event.or(parent.tokens_per_event),
            speed_spread: self.speed_spread.or(parent.speed_spread),
            output_tokens: self.output_tokens.or(parent.output_tokens),
            context: self.context.or(parent.context),
            embedding_dimensions: self.embedding_dimensions.or(parent.embedding_dimensions),
            says: self.says.or(parent.says),
            price: self.price.or(parent.price),
            reasoning: match (self.reasoning, parent.reasoning) {
                (Some(own), Some(above)) => Some(own.over(above)),
                (own, above) => own.or(above),
            },
        }
    }
}
