//! Elsewhere than Linux: tokio's own timer, asked for early by what it is known to be late.

use std::io;
use std::time::{Duration, Instant};

use tokio::sync::watch;

#[cfg(not(target_os = "linux"))]
use crate::clock::TimerKind;

#[cfg(not(target_os = "linux"))]
pub(in crate::clock) const KIND: TimerKind = TimerKind::Coarse;
/// tokio's wheel has slots of a millisecond and rounds up: its sleeps end 1.03 ms late in the median (1 000 tasks, one
/// deadline every 20 ms). Asked for a millisecond earlier they end 0.3 ms early or late.
pub(in crate::clock) const EARLY_MIN: Duration = Duration::from_millis(1);

/// Sets the alarm.
#[derive(Debug)]
pub(in crate::clock) struct Alarm {
    setting: watch::Sender<Option<Instant>>,
}

/// Hears the alarm.
#[derive(Debug)]
pub(in crate::clock) struct Bell {
    setting: watch::Receiver<Option<Instant>>,
    /// The setting that has not been rung for.
    pending: Option<Instant>,
}

/// A new alarm, silent until set.
pub(in crate::clock) fn alarm() -> io::Result<(Alarm, Bell)> {
    let (sender, receiver) = watch::channel(None);
    Ok((Alarm { setting: sender }, Bell { setting: receiver, pending: None }))
}

impl Alarm {
    /// Rings at `instant`, or at once if that has passed; replaces what was set before.
    pub(in crate::clock) fn set(&self, instant: Instant) {
        self.setting.send_replace(Some(instant));
    }
}

impl Bell {
    /// Waits until the alarm has rung.
    ///
    /// # Errors
    /// When the alarm was dropped.
    #[expect(
        clippy::disallowed_methods,
        reason = "the one place that stands on tokio's timer, knowing its bias"
    )]
    pub(in crate::clock) async fn rung(&mut self) -> io::Result<()> {
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
    async fn rings_for_the_latest_setting_and_once() {
        let (alarm, mut bell) = alarm().unwrap();
        let start = Instant::now();
        alarm.set(start + Duration::from_secs(3_600));
        let ringing = tokio::spawn(async move { bell.rung().await.map(|()| (Instant::now(), bell)) });
        tokio::task::yield_now().await;
        let deadline = Instant::now() + Duration::from_millis(5);
        alarm.set(deadline);
        let (rung, mut bell) = ringing.await.unwrap().unwrap();
        assert!(rung + EARLY_MIN >= deadline, "rung {:?} early", deadline - rung);

        drop(alarm);
        assert!(bell.rung().await.is_err(), "there was nothing more to ring for");
    }
}
