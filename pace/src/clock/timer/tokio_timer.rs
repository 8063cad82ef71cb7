//! Not on Linux: tokio's timer, set early by its known delay.

use std::io;
use std::time::{Duration, Instant};

use tokio::sync::watch;

#[cfg(not(target_os = "linux"))]
use super::kind::TimerKind;

#[cfg(not(target_os = "linux"))]
pub(in crate::clock) const KIND: TimerKind = TimerKind::Coarse;
/// tokio's timer wheel has slots of 1 ms and rounds up: its sleeps end 1.03 ms late in the median (1 000 tasks, one
/// deadline every 20 ms). Set 1 ms earlier, they end 0.3 ms early or late.
pub(in crate::clock) const EARLY_MIN: Duration = Duration::from_millis(1);

/// Sets the timer.
#[derive(Debug)]
pub(in crate::clock) struct Timer {
    setting: watch::Sender<Option<Instant>>,
}

/// Waits for the timer.
#[derive(Debug)]
pub(in crate::clock) struct TimerListener {
    setting: watch::Receiver<Option<Instant>>,
    /// The setting that has not expired.
    pending: Option<Instant>,
}

/// Creates an unset timer.
pub(in crate::clock) fn create_timer() -> io::Result<(Timer, TimerListener)> {
    let (sender, receiver) = watch::channel(None);
    Ok((Timer { setting: sender }, TimerListener { setting: receiver, pending: None }))
}

impl Timer {
    /// Sets the timer to `instant`, or to now if that has passed; replaces the previous setting.
    pub(in crate::clock) fn set(&self, instant: Instant) {
        self.setting.send_replace(Some(instant));
    }
}

impl TimerListener {
    /// Waits until the timer has expired.
    ///
    /// # Errors
    /// Fails if the timer was dropped.
    #[expect(clippy::disallowed_methods, reason = "the only use of tokio's timer, which corrects its bias")]
    pub(in crate::clock) async fn expired(&mut self) -> io::Result<()> {
        loop {
            let changed = match self.pending {
                None => self.setting.changed().await,
                Some(instant) => {
                    let early = instant.checked_sub(EARLY_MIN).unwrap_or(instant);
                    tokio::select! {
                        biased;
                        changed = self.setting.changed() => changed,
                        () = tokio::time::sleep_until(early.into()) => {
                            self.pending = None;
                            return Ok(());
                        }
                    }
                }
            };
            changed.map_err(io::Error::other)?;
            self.pending = *self.setting.borrow_and_update();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn timer_expires_once_for_latest_setting() {
        let (timer, mut listener) = create_timer().unwrap();
        let start = Instant::now();
        timer.set(start + Duration::from_secs(3_600));
        let ringing =
            tokio::spawn(async move { listener.expired().await.map(|()| (Instant::now(), listener)) });
        tokio::task::yield_now().await;
        let deadline = Instant::now() + Duration::from_millis(5);
        timer.set(deadline);
        let (rung, mut listener) = ringing.await.unwrap().unwrap();
        assert!(rung + EARLY_MIN >= deadline, "rung {:?} early", deadline - rung);

        drop(timer);
        assert!(listener.expired().await.is_err(), "there was nothing more to ring for");
    }
}
