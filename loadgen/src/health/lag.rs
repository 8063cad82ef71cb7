//! The lag of an event loop: how long a ready task waits until it is polled.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::task::JoinHandle;
use weir_pace::Clock;

use weir_results::Histogram;

/// The time between two measurements.
const PERIOD: Duration = Duration::from_millis(10);

/// Measures the lag of the event loop that it runs on, until it is dropped.
#[derive(Debug)]
pub(crate) struct LagProbe {
    lags: Arc<Mutex<Histogram>>,
    /// A separate task, so that it queues like the tasks of the load.
    task: JoinHandle<()>,
}

impl LagProbe {
    pub(crate) fn start(clock: Clock) -> Self {
        let lags = Arc::new(Mutex::new(Histogram::default()));
        let task = tokio::spawn(measure(clock, Arc::clone(&lags)));
        Self { lags, task }
    }

    /// Returns the lags measured since the last call.
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
    fn take_idle_loop_has_no_lag() {
        let lags = weir_pace::simulate(|clock| async move {
            let probe = LagProbe::start(clock.clone());
            clock.sleep(Duration::from_millis(1005)).await;
            probe.take()
        });
        assert_eq!((lags.count(), lags.max()), (100, Some(Duration::ZERO)));
    }
}
