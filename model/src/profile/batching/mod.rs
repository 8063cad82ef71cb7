//! The settings of the batching engine: replicas that generate the tokens of many calls in common steps.

mod check;
mod raw;
mod saturation;
mod step_time;

use std::{sync::Arc, time::Duration};

pub(super) use check::check;
pub(super) use raw::RawBatching;
pub use saturation::Saturation;
pub use step_time::{Curve, StepTime};

/// How the calls of a model share its replicas.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum EngineConfig {
    /// They do not: each has a separate replica.
    #[default]
    Independent,
    /// Replicas with continuous batching.
    Batching(Arc<BatchingConfig>),
}

/// The settings of the batching engine. The names are those of vLLM where it has one.
#[derive(Clone, Debug, PartialEq)]
pub struct BatchingConfig {
    /// The number of replicas. With disaggregated prefill, those that decode.
    pub replicas: u32,
    /// The most sequences in one step.
    pub max_num_seqs: u32,
    /// The most tokens in one step.
    pub max_num_batched_tokens: u32,
    /// The blocks of a replica's KV cache.
    pub num_gpu_blocks: u32,
    /// The tokens of a block.
    pub block_size: u32,
    /// Whether the blocks of a prompt are kept for later prompts with the same beginning.
    pub enable_prefix_caching: bool,
    /// The order of the queue.
    pub scheduling_policy: SchedulingPolicy,
    /// The most calls that wait, over all replicas.
    pub max_waiting: u32,
    /// How a replica is chosen.
    pub routing: Routing,
    /// The duration of a step.
    pub step: StepTime,
    /// Separate replicas for prompts.
    pub disaggregated_prefill: Option<DisaggregatedPrefill>,
}

/// The order in which waiting calls are scheduled.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SchedulingPolicy {
    /// First come, first served.
    #[default]
    Fcfs,
    /// The lowest priority value first, in the order of arrival within it.
    Priority,
}

/// How a replica is chosen for a call.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Routing {
    /// In turn.
    #[default]
    RoundRobin,
    /// The one with the fewest running and waiting calls.
    LeastLoaded,
    /// The one with the fewest blocks to compute and in use.
    PrefixAware,
}

/// Replicas that compute prompts and pass their KV blocks on to those that decode.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DisaggregatedPrefill {
    /// Their number.
    pub replicas: u32,
    /// The duration of each transfer.
    pub transfer: Duration,
    /// Added to it for each token of the prompt.
    pub transfer_per_token: Duration,
}

impl Default for BatchingConfig {
    /// One replica with the figures of NVIDIA dynamo's mocker.
    fn default() -> Self {
        Self {
            replicas: 1,
            max_num_seqs: 256,
            max_num_batched_tokens: 8_192,
            num_gpu_blocks: 16_384,
            block_size: 64,
            enable_prefix_caching: true,
            scheduling_policy: SchedulingPolicy::default(),
            max_waiting: 1_000,
            routing: Routing::default(),
            step: StepTime::default(),
            disaggregated_prefill: None,
        }
    }
}

impl BatchingConfig {
    /// The number of blocks that `tokens` tokens take.
    pub fn blocks(&self, tokens: u64) -> u64 {
        tokens.div_ceil(u64::from(self.block_size))
    }

    /// The tokens that the KV cache of a replica holds.
    pub fn kv_tokens(&self) -> u64 {
        u64::from(self.num_gpu_blocks) * u64::from(self.block_size)
    }

    /// The TTFT of a prompt of `tokens` uncached tokens on an idle replica.
    pub fn idle_ttft(&self, tokens: u32) -> Duration {
        let mut left = tokens.max(1);
        let mut ttft = Duration::ZERO;
        while left > 0 {
            let chunk = left.min(self.max_num_batched_tokens);
            left -= chunk;
            let used = self.blocks(u64::from(tokens - left)) as f64 / f64::from(self.num_gpu_blocks);
            ttft = ttft.saturating_add(self.step.duration(chunk, 0, used));
        }
        ttft
    }
}

#[cfg(test)]
mod tests;
