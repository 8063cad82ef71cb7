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

/// Places for LLM calls of chains and connectors, given in the order of asking.
#[derive(Debug)]
pub(crate) struct Places {
    free: Arc<Semaphore>,
    waiting: Arc<AtomicUsize>,
    waiting_max: usize,
    metrics: Arc<Metrics>,
}

/// A place, until it is dropped.
#[derive(Debug)]
pub(crate) struct Place {
    _permit: OwnedSemaphorePermit,
    metrics: Arc<Metrics>,
}

impl Drop for Place {
    fn drop(&mut self) {
        self.metrics.llm_running.dec();
    }
}

/// Too many calls wait already.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{waiting_max} LLM calls are waiting for a place already")]
pub(crate) struct NoPlace {
    waiting_max: usize,
}

/// One waiting call, until it has its place or gives up.
struct Waiting<'a>(&'a Places);

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.waiting.fetch_sub(1, Ordering::AcqRel);
        self.0.metrics.llm_waiting.dec();
    }
}

impl Places {
    pub(crate) fn new(count: NonZeroUsize, waiting_max: usize, metrics: Arc<Metrics>) -> Self {
        let count = count.get().min(Semaphore::MAX_PERMITS);
        Self { free: Arc::new(Semaphore::new(count)), waiting: Arc::default(), waiting_max, metrics }
    }

    /// Waits in line for a place.
    pub(crate) async fn take(&self) -> Result<Place, NoPlace> {
        if let Ok(permit) = Arc::clone(&self.free).try_acquire_owned() {
            return Ok(self.place(permit));
        }
        let full = NoPlace { waiting_max: self.waiting_max };
        self.waiting
            .fetch_update(Ordering::AcqRel, Ordering::Acquire, |waiting| {
                (waiting < self.waiting_max).then_some(waiting + 1)
            })
            .map_err(|_| full)?;
        self.metrics.llm_waiting.inc();
        let waiting = Waiting(self);
        let permit = Arc::clone(&self.free).acquire_owned().await.map_err(|_| full)?;
        drop(waiting);
        Ok(self.place(permit))
    }

    fn place(&self, permit: OwnedSemaphorePermit) -> Place {
        self.metrics.llm_running.inc();
        Place { _permit: permit, metrics: Arc::clone(&self.metrics) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    fn places(count: usize, waiting_max: usize) -> Arc<Places> {
        Arc::new(Places::new(NonZeroUsize::new(count).unwrap(), waiting_max, Arc::new(Metrics::new())))
    }

    #[test]
    fn calls_wait_in_order_and_the_queue_is_bounded() {
        weir_pace::simulate(|clock| async move {
            let places = places(1, 2);
            let held = places.take().await.unwrap();
            let order = Arc::new(std::sync::Mutex::new(Vec::new()));
            let wait = |name: u32| {
                let (places, order) = (Arc::clone(&places), Arc::clone(&order));
                async move {
                    let place = places.take().await;
                    order.lock().unwrap().push((name, place.is_ok()));
                }
            };
            let (first, second) = (tokio::spawn(wait(1)), tokio::spawn(wait(2)));
            clock.sleep(Duration::from_millis(1)).await;
            wait(3).await;
            drop(held);
            let _ = (first.await, second.await);
            assert_eq!(*order.lock().unwrap(), [(3, false), (1, true), (2, true)]);
            assert_eq!((places.metrics.llm_running.get(), places.metrics.llm_waiting.get()), (0, 0));
        });
    }

    #[test]
    fn a_waiter_that_gives_up_leaves_the_queue() {
        weir_pace::simulate(|clock| async move {
            let places = places(1, 1);
            let _held = places.take().await.unwrap();
            assert!(clock.timeout(Duration::from_millis(1), places.take()).await.is_err());
            assert_eq!(places.waiting.load(Ordering::Acquire), 0);
        });
    }
}
