//! A limit on concurrent LLM calls, with a bounded queue.

use std::{
    num::NonZeroUsize,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use weir_pace::Clock;

use crate::telemetry::{Limit, Metrics};

/// Permits for LLM calls of chains and connectors, granted in the order of requests.
#[derive(Debug)]
pub(crate) struct LlmPermits {
    free: Arc<Semaphore>,
    waiting: Arc<AtomicUsize>,
    waiting_max: usize,
    clock: Clock,
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

/// The queue is full.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the queue of LLM calls is full: {waiting_max} are waiting for a permit")]
pub(crate) struct LlmQueueFull {
    waiting_max: usize,
}

/// One waiting call, until it has its permit or is dropped.
struct Waiting<'a>(&'a LlmPermits);

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.waiting.fetch_sub(1, Ordering::AcqRel);
        self.0.metrics.llm_waiting.dec();
    }
}

impl LlmPermits {
    pub(crate) fn new(count: NonZeroUsize, waiting_max: usize, clock: Clock, metrics: Arc<Metrics>) -> Self {
        let count = count.get().min(Semaphore::MAX_PERMITS);
        Self { free: Arc::new(Semaphore::new(count)), waiting: Arc::default(), waiting_max, clock, metrics }
    }

    /// Waits in the queue for a permit; fails if the queue is full.
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
        let permit = Arc::clone(&self.free).acquire_owned();
        let permit = self.metrics.time_wait(&self.clock, Limit::LlmCalls, permit).await;
        drop(waiting);
        Ok(self.permit(permit.map_err(|_| full)?))
    }

    fn permit(&self, permit: OwnedSemaphorePermit) -> LlmPermit {
        self.metrics.llm_running.inc();
        LlmPermit { _permit: permit, metrics: Arc::clone(&self.metrics) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::telemetry::Exposition;
    use std::time::Duration;

    fn permits(clock: &Clock, count: usize, waiting_max: usize) -> Arc<LlmPermits> {
        let (count, metrics) = (NonZeroUsize::new(count).unwrap(), Arc::new(Metrics::new()));
        Arc::new(LlmPermits::new(count, waiting_max, clock.clone(), metrics))
    }

    #[test]
    fn acquire_waits_in_order_and_fails_with_full_queue() {
        weir_pace::simulate(|clock| async move {
            let permits = permits(&clock, 1, 2);
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
            let metrics = permits.metrics.render(Exposition::Prometheus).unwrap();
            let waits = r#"limit_wait_seconds_count{limit="chains.max_concurrent_llm_calls"} 2"#;
            assert!(metrics.contains(waits), "{metrics}");
        });
    }

    #[test]
    fn acquire_that_is_dropped_leaves_the_queue() {
        weir_pace::simulate(|clock| async move {
            let permits = permits(&clock, 1, 1);
            let _held = permits.take().await.unwrap();
            assert!(clock.timeout(Duration::from_millis(1), permits.take()).await.is_err());
            assert_eq!(permits.waiting.load(Ordering::Acquire), 0);
        });
    }
}
