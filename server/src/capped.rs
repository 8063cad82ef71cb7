//! A limit on the concurrent LLM calls of one run.

use std::{num::NonZeroUsize, sync::Arc};

use async_stream::stream;
use futures_util::StreamExt as _;
use tokio::sync::Semaphore;
use weir_chains::{Llm, LlmCall, LlmStream};

/// Limits concurrent calls; more wait in order. Each run has one.
pub(crate) struct CappedLlm {
    llm: Arc<dyn Llm>,
    free: Arc<Semaphore>,
}

impl CappedLlm {
    pub(crate) fn new(llm: Arc<dyn Llm>, most: NonZeroUsize) -> Self {
        Self { llm, free: Arc::new(Semaphore::new(most.get().min(Semaphore::MAX_PERMITS))) }
    }
}

impl Llm for CappedLlm {
    fn call(&self, call: LlmCall) -> LlmStream {
        let (llm, free) = (Arc::clone(&self.llm), Arc::clone(&self.free));
        Box::pin(stream! {
            // The semaphore is never closed.
            let _permit = free.acquire_owned().await;
            let mut events = llm.call(call);
            while let Some(event) = events.next().await {
                yield event;
            }
        })
    }
}
