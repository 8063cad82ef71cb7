//! Named latency and capability sets of models.

mod aliases;
mod batching;
mod catalog;
mod check;
mod family;
mod key_error;
mod month;
mod raw;
mod reasoning;

use std::{sync::Arc, time::Duration};

pub use batching::{
    BatchingConfig, Curve, DisaggregatedPrefill, EngineConfig, Routing, Saturation, SchedulingPolicy,
    StepTime,
};
pub use catalog::{Catalog, NameMatch};
pub use month::Month;
pub use reasoning::{Effort, ReasoningPhase, ReasoningVisibility};
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
    /// What figures that nobody measured are estimated from; `None` if its own figures are measured or invented.
    pub estimated: Option<String>,
    /// The profiles whose figures it has where it gives none, nearest first.
    pub inherits: Vec<String>,
    /// Other names of it.
    pub aliases: Vec<String>,
    /// Patterns of the unknown names that it answers to.
    pub families: Vec<String>,
    /// The owner in model listings.
    pub owned_by: String,
    /// How calls share replicas. The delays below are those of a call that has one for itself.
    pub engine: EngineConfig,
    /// Time to first token, apart from the prompt's length.
    pub ttft: Latency,
    /// Added to the TTFT for each token of the prompt.
    pub ttft_per_uncached_token: Duration,
    /// Gaps between events.
    pub itl: Latency,
    /// The number of tokens that an event of a stream carries: at least one.
    pub tokens_per_event: Amount,
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
    /// Its reasoning before answers, if it is a reasoning model.
    pub reasoning: Option<ReasoningPhase>,
}

impl Profile {
    /// The mean speed of its answers after the first token, in tokens per second; `None` if there are no gaps.
    pub fn tokens_per_second(&self) -> Option<f64> {
        let gap = self.itl.mean().as_secs_f64();
        (gap > 0.0).then(|| self.tokens_per_event.mean() / gap)
    }

    /// The median time to the first token that a client of the chat API receives, for a short prompt and a request that
    /// names no effort: the median TTFT, and the mean gaps of the median number of tokens of hidden reasoning.
    pub fn median_visible_ttft(&self) -> Duration {
        let hidden = self.reasoning.as_ref().filter(|phase| phase.visibility == ReasoningVisibility::Hidden);
        let tokens = hidden
            .map_or(0.0, |phase| phase.tokens.quantile(0.5) as f64 * phase.factor(phase.default_effort));
        let events = tokens / self.tokens_per_event.mean();
        self.ttft.quantile(0.5) + self.itl.mean().mul_f64(events)
    }

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
    /// The month of the price list.
    pub as_of: Option<Month>,
}
