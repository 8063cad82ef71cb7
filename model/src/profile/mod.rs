//! Named latency and capability sets of models.

mod catalog;
mod check;
mod raw;

use std::{sync::Arc, time::Duration};

pub use catalog::Catalog;
pub(crate) use raw::RawDelay;
use serde::Deserialize;
use weir_pace::{Amount, Latency};

use crate::planner::ResponseMode;

/// What a named model is and how quick it is. All delays are before the time scale.
#[derive(Clone, Debug, PartialEq)]
pub struct Profile {
    /// The name by which requests ask for it.
    pub name: Arc<str>,
    /// Where its figures come from.
    pub source: String,
    /// Who a listing says owns it.
    pub owned_by: String,
    /// Time to the first token, the prompt's length aside.
    pub ttft: Latency,
    /// Added to the TTFT for each token of the prompt.
    pub ttft_per_uncached_token: Duration,
    /// Gaps between tokens.
    pub itl: Latency,
    /// Coefficient of variation of an answer's mean gap from answer to answer.
    pub speed_spread: f64,
    /// Length of an answer when the request sets no limit, in tokens.
    pub output_tokens: Amount,
    /// Tokens that prompt and answer may have together.
    pub context: u32,
    /// Dimensions of the vectors that it makes of texts.
    pub embedding_dimensions: u32,
    /// What it says, where a request does not decide it.
    pub says: ResponseMode,
    /// What a call costs, where it is known.
    pub price: Option<Price>,
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
