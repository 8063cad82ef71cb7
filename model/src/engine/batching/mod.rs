//! The engine of self-hosted models: calls share the steps of a few replicas and slow each other down.

mod call;
mod cluster;
mod kv_cache;
mod replica;
mod routing;
mod sequence;
mod step;

use std::{
    sync::{Arc, Mutex, PoisonError},
    task::Waker,
};

pub use cluster::ReplicaStats;

use self::{
    call::CallHandle,
    cluster::{Cluster, NewCall},
};
use super::{Engine, Job, Lease};
use crate::{
    profile::BatchingConfig,
    refusal::Refusal,
    schedule::{LiveSchedule, Schedule},
};

/// Replicas with continuous batching: each step computes a token of every running sequence and parts of new prompts, so
/// that prompts delay the tokens of others. Its outcome depends on the jobs and their instants alone.
#[derive(Debug)]
pub struct BatchingEngine {
    config: Arc<BatchingConfig>,
    cluster: Arc<Mutex<Cluster>>,
}

impl BatchingEngine {
    /// An idle engine that multiplies all delays by `time_scale`.
    pub fn new(config: Arc<BatchingConfig>, time_scale: f64) -> Self {
        let cluster = Arc::new(Mutex::new(Cluster::new(Arc::clone(&config), time_scale)));
        Self { config, cluster }
    }

    /// Its settings.
    pub const fn config(&self) -> &Arc<BatchingConfig> {
        &self.config
    }

    /// The state of each replica, as of the last event.
    pub fn stats(&self) -> Vec<ReplicaStats> {
        self.cluster.lock().unwrap_or_else(PoisonError::into_inner).stats()
    }
}

impl Engine for BatchingEngine {
    fn admit(&self, job: Job) -> Result<Lease, Refusal> {
        let content = job.content;
        let keys = match self.config.enable_prefix_caching {
            true => job.prefix.block_keys(job.prompt_tokens, self.config.block_size),
            false => Box::default(),
        };
        let call = NewCall {
            start: job.start,
            delay: job.delay,
            prompt_tokens: job.prompt_tokens,
            output_tokens: content.token_count(),
            steps: content.step_count(),
            width: content.choices().len() as u32,
            priority: job.priority,
            keys,
        };
        let mut woken = Vec::new();
        let entered = self.cluster.lock().unwrap_or_else(PoisonError::into_inner).enter(call, &mut woken);
        woken.into_iter().for_each(Waker::wake);
        let entered = entered?;
        let handle = CallHandle::new(Arc::clone(&self.cluster), entered.id);
        let schedule = Schedule::Live(LiveSchedule::new(Box::new(handle), job.start));
        let cached_tokens = self.config.enable_prefix_caching.then_some(entered.cached_tokens);
        Ok(Lease { content, schedule, cached_tokens })
    }
}

#[cfg(test)]
mod tests;
