//! Named latency and capability sets of models.

mod batching;
mod catalog;
mod check;
mod family;
mod key_error;
mod raw;

use std::{sync::Arc, time::Duration};

pub use batching::{
    BatchingConfig, Curve, DisaggregatedPrefill, EngineConfig, Routing, Saturation, SchedulingPolicy,
    StepTime,
};
pub use catalog::Catalog;
use serde::Deserialize;
use weir_pace::{Amount, Latency};

use crate::script::ResponseMode;

/// The capabilities and latencies of a named model. All delays are before the time scale.
#[derive(Clone, Debug, PartialEq)]
pub struct Profile {
    /// The name in requests.
    pub name: Arc<str>,
    /// The source of its figures.
    pub source: String,
    /// The owner in model listings.
    pub owned_by: String,
    /// How calls share replicas. The delays below are those of independent calls.
    pub engine: EngineConfig,
    /// Time to first token, apart from the prompt's length.
    pub ttft: Latency,
    /// Added to the TTFT for each token of the prompt.
    pub ttft_per_uncached_token: Duration,
    /// Gaps between tokens.
    pub itl: Latency,
    /// Coefficient of variation of an answer's mean gap from answer to answer.
    pub speed_spread: f64,
    /// Length of an answer if the request sets no limit, in tokens.
    pub output_tokens: Amount,
    /// Maximum tokens of prompt and answer together.
    pub context: u32,
    /// Dimensions of its embeddings.
    pub embedding_dimensions: u32,
    /// The response mode, unless a request overrides it.
    pub mode: ResponseMode,
    /// The price of its tokens, if known.
    pub price: Option<Price>,
}

impl Profile {
    /// The rate at which its replicas saturate with prompts of `prompt_tokens` uncached tokens; `None` if calls do not share
    /// replicas.
    pub fn saturation(&self, prompt_tokens: u32) -> Option<Saturation> {
        match &self.engine {
            EngineConfig::Independent => None,
            EngineConfig::Batching(config) => Some(config.saturation(prompt_tokens, &self.output_tokens)),
        }
    }
}

/// Prices in US dollars for a million tokens.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Price {
    /// Of prompts.
    pub input_per_million: f64,
    /// Of answers.
    pub output_per_million: f64,
}
