//! The lag of an event loop: how long a ready task waits until it is polled.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::task::JoinHandle;
use weir_pace::Clock;

use weir_results::Histogram;

/// The time between two measurements.
const PERIOD: Duration = Duration::from_millis(10);

/// The most measurements that are made up for after one lag: those of 17 minutes.
const MISSED_MAX: u32 = 100_000;

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
        record(&mut lock(&lags), clock.now().saturating_duration_since(due));
    }
}

/// Records a lag, and those that were not measured during it: each would have ended at the same instant.
fn record(lags: &mut Histogram, lag: Duration) {
    let mut left = lag;
    for _ in 0..MISSED_MAX {
        lags.record(left);
        match left.checked_sub(PERIOD) {
            Some(rest) if !rest.is_zero() => left = rest,
            _ => return,
        }
    }
}

fn lock(lags: &Mutex<Histogram>) -> MutexGuard<'_, Histogram> {
    lags.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn record_long_lag_counts_the_measurements_that_were_missed() {
        let mut lags = Histogram::default();
        record(&mut lags, Duration::from_millis(2_500));
        assert_eq!(lags.count(), 250);
        assert!(
            lags.quantile(0.5).is_some_and(|lag| lag > Duration::from_secs(1)),
            "{:?}",
            lags.quantile(0.5)
        );
        let mut lags = Histogram::default();
        record(&mut lags, Duration::from_millis(3));
        record(&mut lags, Duration::from_hours(9));
        assert_eq!(lags.count(), 1 + u64::from(MISSED_MAX));
    }

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
