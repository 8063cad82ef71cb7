//! One step of a replica: its settings, and the work that fits into it.

use std::{sync::Arc, time::Duration};

use super::sequence::Sequence;
use crate::profile::BatchingConfig;

/// The settings of steps.
#[derive(Clone, Debug)]
pub(super) struct StepSettings {
    pub(super) config: Arc<BatchingConfig>,
    /// What all durations are multiplied with.
    pub(super) time_scale: f64,
}

/// The work of a step.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct StepLoad {
    /// Tokens that can be added.
    pub(super) tokens_left: u32,
    pub(super) prefill_tokens: u32,
    /// Sequences that generate a token.
    pub(super) decoding: u32,
}

impl StepLoad {
    /// Adds `tokens` tokens of a sequence.
    pub(super) fn add(&mut self, sequence: &mut Sequence, tokens: u32) {
        if sequence.is_decoding() {
            self.decoding += 1;
        } else {
            self.prefill_tokens += tokens;
        }
        self.tokens_left -= tokens;
        sequence.in_step = tokens;
    }
}

impl StepSettings {
    /// Applies the time scale.
    pub(super) fn scaled(&self, duration: Duration) -> Duration {
        if self.time_scale == 1.0 { duration } else { duration.mul_f64(self.time_scale) }
    }

    /// The KV blocks of `tokens` tokens.
    pub(super) fn blocks(&self, tokens: u32) -> u32 {
        tokens.div_ceil(self.config.block_size)
    }

    /// The places that a sequence takes among those of a step.
    pub(super) fn places(&self, sequence: &Sequence) -> u32 {
        sequence.width.min(self.config.max_num_seqs)
    }
}
