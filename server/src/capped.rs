//! A limit on the concurrent LLM calls of one run.

use std::{num::NonZeroUsize, sync::Arc};

use async_stream::stream;
use futures_util::StreamExt as _;
use tokio::sync::Semaphore;
use weir_chains::{Llm, LlmCall, LlmStream};
use weir_pace::Clock;

use crate::telemetry::{Limit, Metrics};

/// Limits concurrent calls; more wait in order. Each run has one.
pub(crate) struct CappedLlm {
    llm: Arc<dyn Llm>,
    free: Arc<Semaphore>,
    clock: Clock,
    metrics: Arc<Metrics>,
}

impl CappedLlm {
    pub(crate) fn new(llm: Arc<dyn Llm>, most: NonZeroUsize, clock: Clock, metrics: Arc<Metrics>) -> Self {
        let free = Arc::new(Semaphore::new(most.get().min(Semaphore::MAX_PERMITS)));
        Self { llm, free, clock, metrics }
    }
}

impl Llm for CappedLlm {
    fn call(&self, call: LlmCall) -> LlmStream {
        let (llm, free) = (Arc::clone(&self.llm), Arc::clone(&self.free));
        let (clock, metrics) = (self.clock.clone(), Arc::clone(&self.metrics));
        Box::pin(stream! {
            // The semaphore is never closed.
            let _permit = match Arc::clone(&free).try_acquire_owned() {
                Ok(permit) => Some(permit),
                Err(_) => {
                    metrics.time_wait(&clock, Limit::LlmCallsOfRun, free.acquire_owned()).await.ok()
                }
            };
            let mut events = llm.call(call);
            while let Some(event) = events.next().await {
                yield event;
            }
        })
    }
}
