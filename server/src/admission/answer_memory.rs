//! The memory of large answers in flight, a budget of the whole server.

use std::{
    sync::{Arc, atomic::AtomicI64},
    time::Duration,
};

use prometheus_client::metrics::gauge::Gauge;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use weir_pace::Clock;

use crate::telemetry::{Limit, Metrics};

/// Memory is counted in units of this many bytes.
const UNIT_BYTES: usize = 1 << 10;

/// The memory that large requests and answers may take together, granted in the order of requests.
#[derive(Debug)]
pub(crate) struct AnswerMemory {
    free: Arc<Semaphore>,
    /// All units.
    units: usize,
    /// How long a request waits for memory.
    wait: Duration,
    metrics: Arc<Metrics>,
}

/// Reserved memory, until it is dropped.
#[derive(Debug)]
pub(crate) struct ReservedMemory {
    permit: OwnedSemaphorePermit,
    /// The bytes that all hold.
    reserved: Gauge<i64, AtomicI64>,
}

/// No memory was free in time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "the server is out of memory for answers: other answers hold the {} MiB of `server.answer_memory`; try again later",
    bytes >> 20
)]
pub(crate) struct OutOfAnswerMemory {
    bytes: usize,
}

impl AnswerMemory {
    pub(crate) fn new(bytes: usize, wait: Duration, metrics: Arc<Metrics>) -> Self {
        let units = (bytes / UNIT_BYTES).clamp(1, Semaphore::MAX_PERMITS.min(u32::MAX as usize));
        Self { free: Arc::new(Semaphore::new(units)), units, wait, metrics }
    }

    /// Waits for `bytes` of memory, or for all of it if that is less; fails if they are not free in time.
    pub(crate) async fn reserve(
        &self,
        clock: &Clock,
        bytes: usize,
    ) -> Result<ReservedMemory, OutOfAnswerMemory> {
        let units = bytes.div_ceil(UNIT_BYTES).clamp(1, self.units);
        // The number of units fits, and the semaphore is never closed.
        let units = u32::try_from(units).unwrap_or(u32::MAX);
        let acquired = match Arc::clone(&self.free).try_acquire_many_owned(units) {
            Ok(permit) => Ok(Ok(permit)),
            Err(_) => {
                let _waiting = WaitingRequest::new(&self.metrics);
                let acquired = Arc::clone(&self.free).acquire_many_owned(units);
                let acquired = clock.timeout(self.wait, acquired);
                self.metrics.time_wait(clock, Limit::AnswerMemory, acquired).await
            }
        };
        let Ok(Ok(permit)) = acquired else {
            return Err(OutOfAnswerMemory { bytes: self.units * UNIT_BYTES });
        };
        let reserved = self.metrics.answer_memory.clone();
        reserved.inc_by((units as usize * UNIT_BYTES) as i64);
        Ok(ReservedMemory { permit, reserved })
    }
}

/// A request that waits for memory.
struct WaitingRequest<'a>(&'a Metrics);

impl<'a> WaitingRequest<'a> {
    fn new(metrics: &'a Metrics) -> Self {
        metrics.answers_waiting.inc();
        Self(metrics)
    }
}

impl Drop for WaitingRequest<'_> {
    fn drop(&mut self) {
        self.0.answers_waiting.dec();
    }
}

impl ReservedMemory {
    /// Gives back what exceeds `bytes`.
    pub(crate) fn shrink(&mut self, bytes: usize) {
        let excess = self.permit.num_permits().saturating_sub(bytes.div_ceil(UNIT_BYTES));
        if let Some(excess) = self.permit.split(excess) {
            self.reserved.dec_by((excess.num_permits() * UNIT_BYTES) as i64);
        }
    }
}

impl Drop for ReservedMemory {
    fn drop(&mut self) {
        self.reserved.dec_by((self.permit.num_permits() * UNIT_BYTES) as i64);
    }
}

#[cfg(test)]
mod tests {
    use weir_pace::simulate;

    use super::*;

    const MIB: usize = 1 << 20;

    #[test]
    fn reserve_waits_for_memory_and_fails_in_time() {
        simulate(|clock| async move {
            let metrics = Arc::new(Metrics::new());
            let memory = AnswerMemory::new(10 * MIB, Duration::from_secs(5), Arc::clone(&metrics));
            let mut held = memory.reserve(&clock, 8 * MIB).await.unwrap();
            assert_eq!(metrics.answer_memory.get(), 8 << 20);
            let start = clock.now();
            assert_eq!(
                memory.reserve(&clock, 3 * MIB).await.unwrap_err(),
                OutOfAnswerMemory { bytes: 10 * MIB }
            );
            assert_eq!(clock.now() - start, Duration::from_secs(5));
            held.shrink(MIB);
            let other = memory.reserve(&clock, 3 * MIB).await.unwrap();
            assert_eq!((metrics.answer_memory.get(), metrics.answers_waiting.get()), (4 << 20, 0));
            drop((held, other));
            // More than all of it is all of it.
            assert!(memory.reserve(&clock, 100 * MIB).await.is_ok());
            assert_eq!(metrics.answer_memory.get(), 0);
        });
    }
}
