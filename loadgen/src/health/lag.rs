//! How long a ready task waits for its turn on a worker.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::task::JoinHandle;
use weir_pace::Clock;

use weir_results::Histogram;

/// A task that does nothing but wait so long, again and again.
const PERIOD: Duration = Duration::from_millis(10);

/// Measures the lag of the event loop that it was started on, until it is dropped.
#[derive(Debug)]
pub(crate) struct LagProbe {
    lags: Arc<Mutex<Histogram>>,
    /// A task of its own, so that it queues behind the load like everything else.
    task: JoinHandle<()>,
}

impl LagProbe {
    pub(crate) fn start(clock: Clock) -> Self {
        let lags = Arc::new(Mutex::new(Histogram::default()));
        let task = tokio::spawn(measure(clock, Arc::clone(&lags)));
        Self { lags, task }
    }

    /// What was measured since the last call.
    pub(crate) fn take(&self) -> Histogram {
        std::mem::take(&mut *lock(&self.lags))
    }
}

impl Drop for LagProbe {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn measure(clock: Clock, lags: Arc<Mutex<Histogram>>) {
    loop {
        let due = clock.now() + PERIOD;
        clock.sleep_until(due).await;
        lock(&lags).record(clock.now().saturating_duration_since(due));
    }
}

fn lock(lags: &Mutex<Histogram>) -> MutexGuard<'_, Histogram> {
    lags.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_free_loop_has_no_lag() {
        let lags = weir_pace::simulate(|clock| async move {
            let probe = LagProbe::start(clock.clone());
            clock.sleep(Duration::from_millis(1005)).await;
            probe.take()
        });
        assert_eq!((lags.count(), lags.max()), (100, Some(Duration::ZERO)));
    }
}
