//! Counts the tokens of LLM steps as tokens of a key.

use std::sync::Arc;

use async_stream::try_stream;
use futures_util::StreamExt as _;
use weir_chains::{Llm, LlmCall, LlmError, LlmEvent, LlmStream};
use weir_model::TokenCounter;

use crate::{
    admission::{AdmittedKey, LimitExceeded},
    replies::limit_error,
};

/// Reserves the tokens of each call at the key of the request that runs the chain.
pub(crate) struct MeteredLlm {
    llm: Arc<dyn Llm>,
    key: Arc<AdmittedKey>,
    counter: Arc<TokenCounter>,
}

impl MeteredLlm {
    pub(crate) fn new(llm: Arc<dyn Llm>, key: Arc<AdmittedKey>, counter: Arc<TokenCounter>) -> Self {
        Self { llm, key, counter }
    }
}

impl Llm for MeteredLlm {
    fn call(&self, call: LlmCall) -> LlmStream {
        let (llm, key, counter) = (Arc::clone(&self.llm), Arc::clone(&self.key), Arc::clone(&self.counter));
        Box::pin(try_stream! {
            let refused = |exceeded: LimitExceeded| -> LlmError { limit_error(&exceeded, &call.model) };
            let reserved = key.reserve_step(counter.count(&call.prompt), call.max_tokens);
            let mut reservation = reserved.map_err(refused)?;
            reservation.add(0);
            let mut events = llm.call(call);
            while let Some(event) = events.next().await {
                match &event {
                    Ok(LlmEvent::Token(_)) => reservation.add(1),
                    Ok(LlmEvent::Finished(output)) => {
                        reservation.complete(output.usage.prompt_tokens, output.usage.completion_tokens);
                    }
                    Err(_) => reservation.cancel(),
                }
                yield event?;
            }
        })
    }
}
