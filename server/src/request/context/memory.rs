//! The memory of large requests and answers.

use std::sync::Arc;

use bytes::Bytes;

use super::{RequestContext, work::work_beside};
use crate::{admission::ReservedMemory, request::Problem};

/// The memory of larger bodies, in bytes, is reserved.
pub(super) const LARGE_BODY: usize = 64 << 10;
/// Memory that reading a large body takes, for each of its bytes: its parts, and an answer with its tokens.
pub(super) const BYTES_PER_BODY_BYTE: u64 = 4;
/// No answer takes more memory, in bytes.
const ANSWER_BYTES_MAX: u64 = 128 << 20;

impl RequestContext {
    /// Reserves memory for an answer of `bytes` bytes, besides that of a large body.
    pub(super) async fn reserve_answer(&mut self, bytes: u64, body: &Bytes) -> Result<(), Problem> {
        let of_body = if body.len() > LARGE_BODY { body.len() as u64 } else { 0 };
        self.reserve(bytes.saturating_add(of_body.saturating_mul(BYTES_PER_BODY_BYTE))).await
    }

    /// Waits for `bytes` bytes of memory, instead of what is reserved already; held until the response has ended.
    pub(super) async fn reserve(&mut self, bytes: u64) -> Result<(), Problem> {
        // Not both: two requests could wait for each other.
        self.memory = None;
        let bytes = bytes.min(ANSWER_BYTES_MAX) as usize;
        self.memory = Some(self.server.answer_memory.reserve(&self.server.clock, bytes).await?);
        Ok(())
    }

    /// Does work that takes about `bytes` bytes of memory: outside the event loop, if they are many.
    pub(crate) async fn produce<T: Send + 'static>(
        &mut self,
        bytes: u64,
        work: impl FnOnce() -> Result<T, Problem> + Send + 'static,
    ) -> Result<T, Problem> {
        if bytes <= LARGE_BODY as u64 {
            return work();
        }
        self.reserve(bytes).await?;
        work_beside(Arc::clone(&self.server.work_threads), work).await
    }

    /// Gives back the memory that exceeds the answer's `bytes`.
    pub(crate) fn shrink_memory(&mut self, bytes: usize) {
        if let Some(memory) = &mut self.memory {
            memory.shrink(bytes);
        }
    }

    /// The memory that is reserved for the answer.
    pub(crate) fn take_memory(&mut self) -> Option<ReservedMemory> {
        self.memory.take()
    }
}
