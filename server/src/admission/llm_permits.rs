//! A cap on LLM calls at once, with a bounded queue before it.

use std::{
    num::NonZeroUsize,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::telemetry::Metrics;

/// LlmPermits for LLM calls of chains and connectors, given in the order of asking.
#[derive(Debug)]
pub(crate) struct LlmPermits {
    free: Arc<Semaphore>,
    waiting: Arc<AtomicUsize>,
    waiting_max: usize,
    metrics: Arc<Metrics>,
}

/// A permit, until it is dropped.
#[derive(Debug)]
pub struct LlmPermit {
    _permit: OwnedSemaphorePermit,
    metrics: Arc<Metrics>,
}

impl Drop for LlmPermit {
    fn drop(&mut self) {
        self.metrics.llm_running.dec();
    }
}

/// Too many calls wait already.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{waiting_max} LLM calls are waiting for a place already")]
pub(crate) struct LlmQueueFull {
    waiting_max: usize,
}

/// One waiting call, until it has its permit or gives up.
struct Waiting<'a>(&'a LlmPermits);

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.waiting.fetch_sub(1, Ordering::AcqRel);
        self.0.metrics.llm_waiting.dec();
    }
}

impl LlmPermits {
    pub(crate) fn new(count: NonZeroUsize, waiting_max: usize, metrics: Arc<Metrics>) -> Self {
        let count = count.get().min(Semaphore::MAX_PERMITS);
        Self { free: Arc::new(Semaphore::new(count)), waiting: Arc::default(), waiting_max, metrics }
    }

    /// Waits in line for a permit.
    pub(crate) async fn take(&self) -> Result<LlmPermit, LlmQueueFull> {
        if let Ok(permit) = Arc::clone(&self.free).try_acquire_owned() {
            return Ok(self.permit(permit));
        }
        let full = LlmQueueFull { waiting_max: self.waiting_max };
        self.waiting
            .fetch_update(Ordering::AcqRel, Ordering::Acquire, |waiting| {
                (waiting < self.waiting_max).then_some(waiting + 1)
            })
            .map_err(|_| full)?;
        self.metrics.llm_waiting.inc();
        let waiting = Waiting(self);
        let permit = Arc::clone(&self.free).acquire_owned().await.map_err(|_| full)?;
        drop(waiting);
        Ok(self.permit(permit))
    }

    fn permit(&self, permit: OwnedSemaphorePermit) -> LlmPermit {
        self.metrics.llm_running.inc();
        LlmPermit { _permit: permit, metrics: Arc::clone(&self.metrics) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    fn permits(count: usize, waiting_max: usize) -> Arc<LlmPermits> {
        Arc::new(LlmPermits::new(NonZeroUsize::new(count).unwrap(), waiting_max, Arc::new(Metrics::new())))
    }

    #[test]
    fn calls_wait_in_order_and_the_queue_is_bounded() {
        weir_pace::simulate(|clock| async move {
            let permits = permits(1, 2);
            let held = permits.take().await.unwrap();
            let order = Arc::new(std::sync::Mutex::new(Vec::new()));
            let wait = |name: u32| {
                let (permits, order) = (Arc::clone(&permits), Arc::clone(&order));
                async move {
                    let permit = permits.take().await;
                    order.lock().unwrap().push((name, permit.is_ok()));
                }
            };
            let (first, second) = (tokio::spawn(wait(1)), tokio::spawn(wait(2)));
            clock.sleep(Duration::from_millis(1)).await;
            wait(3).await;
            drop(held);
            let _ = (first.await, second.await);
            assert_eq!(*order.lock().unwrap(), [(3, false), (1, true), (2, true)]);
            assert_eq!((permits.metrics.llm_running.get(), permits.metrics.llm_waiting.get()), (0, 0));
        });
    }

    #[test]
    fn a_waiter_that_gives_up_leaves_the_queue() {
        weir_pace::simulate(|clock| async move {
            let permits = permits(1, 1);
            let _held = permits.take().await.unwrap();
            assert!(clock.timeout(Duration::from_millis(1), permits.take()).await.is_err());
            assert_eq!(permits.waiting.load(Ordering::Acquire), 0);
        });
    }
}
