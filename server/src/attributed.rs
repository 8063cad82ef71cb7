//! The LLM of a chain run, whose waits for limits are those of the request that started the run.

use std::sync::Arc;

use futures_util::{StreamExt as _, stream};
use weir_chains::{Llm, LlmCall, LlmStream};

use crate::telemetry::LimitWaits;

/// Records the waits of its calls, which may be polled outside the request's own task.
pub(crate) struct AttributedLlm {
    llm: Arc<dyn Llm>,
    waits: Arc<LimitWaits>,
}

impl AttributedLlm {
    /// Returns `llm` for a run that the current request starts; outside of requests, there is nothing to record.
    pub(crate) fn of_current_request(llm: Arc<dyn Llm>) -> Arc<dyn Llm> {
        match LimitWaits::current() {
            Some(waits) => Arc::new(Self { llm, waits }),
            None => llm,
        }
    }
}

impl Llm for AttributedLlm {
    fn call(&self, call: LlmCall) -> LlmStream {
        let waits = Arc::clone(&self.waits);
        let mut events = self.llm.call(call);
        Box::pin(stream::poll_fn(move |context| waits.sync_scope(|| events.poll_next_unpin(context))))
    }
}
