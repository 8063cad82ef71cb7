//! Linux: a `timerfd` of absolute `CLOCK_MONOTONIC` times, watched by the runtime's own epoll.

use std::io;
use std::os::fd::OwnedFd;
use std::time::{Duration, Instant};

use rustix::time::{
    ClockId, Itimerspec, TimerfdClockId, TimerfdFlags, TimerfdTimerFlags, Timespec, clock_gettime,
    timerfd_create, timerfd_settime,
};
use tokio::net::unix::pipe;

use crate::clock::TimerKind;

pub(in crate::clock) const KIND: TimerKind = TimerKind::Precise;
/// The least window in which a waiter may be woken early: none, a timerfd never rings before its time.
pub(in crate::clock) const EARLY_MIN: Duration = Duration::ZERO;

/// Sets the timer.
#[derive(Debug)]
pub(in crate::clock) struct Alarm {
    timer: OwnedFd,
    anchor: Anchor,
}

/// Hears the timer.
#[derive(Debug)]
pub(in crate::clock) struct Bell {
    // A timerfd is read like a pipe, and this is tokio's one safe door for a descriptor that only has to be watched
    // and read: `AsyncFd::new` is deprecated as unsound, `AsyncFd::register` is unsafe.
    timer: pipe::Receiver,
}

/// A new timer, silent until set. Must be called inside a runtime.
pub(in crate::clock) fn alarm() -> io::Result<(Alarm, Bell)> {
    let timer = timerfd_create(TimerfdClockId::Monotonic, TimerfdFlags::NONBLOCK | TimerfdFlags::CLOEXEC)?;
    let bell = Bell { timer: pipe::Receiver::from_owned_fd_unchecked(timer.try_clone()?)? };
    let alarm = Alarm { timer, anchor: Anchor::take()? };
    // A kernel or a sandbox that refuses to set the timer does so now, while there is someone to tell.
    alarm.set_timer(Timespec::default())?;
    Ok((alarm, bell))
}

impl Alarm {
    /// Rings at `instant`, or at once if that has passed; replaces what was set before.
    #[expect(
        clippy::expect_used,
        reason = "settime has worked on this descriptor, and the time is well-formed"
    )]
    pub(in crate::clock) fn set(&self, instant: Instant) {
        self.set_timer(self.anchor.kernel_time(instant)).expect("a timerfd takes any time");
    }

    fn set_timer(&self, it_value: Timespec) -> io::Result<()> {
        let once = Itimerspec { it_interval: Timespec::default(), it_value };
        timerfd_settime(&self.timer, TimerfdTimerFlags::ABSTIME, &once)?;
        Ok(())
    }
}

impl Drop for Alarm {
    fn drop(&mut self) {
        self.set(self.anchor.instant);
    }
}

impl Bell {
    /// Waits until the alarm has rung. The caller answers a ring by setting the alarm again, if there is anything
    /// to wait for, *before* it listens again.
    ///
    /// # Errors
    /// When the runtime is shutting down.
    pub(in crate::clock) async fn rung(&mut self) -> io::Result<()> {
        // Setting a timerfd silences it, so this read mostly finds nothing, which is how tokio learns that it has
        // to ask the kernel again: one read a ring. If it finds something, the alarm has rung again already.
        let mut expirations = [0; 8];
        match self.timer.try_read(&mut expirations) {
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => self.timer.readable().await,
            outcome => outcome.map(|_| ()),
        }
    }
}

/// One moment on both clocks: `Instant` does not tell its `CLOCK_MONOTONIC` time.
#[derive(Debug)]
struct Anchor {
    instant: Instant,
    kernel: Duration,
}

impl Anchor {
    /// How often the two clocks are read to find a pair that no interruption has torn apart.
    const TRIES: usize = 8;

    /// The instant is read first, so the error (tens of nanoseconds) is on the side of ringing late, never early.
    fn take() -> io::Result<Self> {
        let pair = || {
            let instant = Instant::now();
            let kernel = clock_gettime(ClockId::Monotonic);
            (instant.elapsed(), instant, kernel)
        };
        let first = pair();
        let (_, instant, kernel) = (1..Self::TRIES)
            .map(|_| pair())
            .fold(first, |best, next| if next.0 < best.0 { next } else { best });
        let kernel = Duration::try_from(kernel).map_err(io::Error::other)?;
        Ok(Self { instant, kernel })
    }

    fn kernel_time(&self, instant: Instant) -> Timespec {
        let since = instant.saturating_duration_since(self.instant);
        // Zero would switch the timer off; only a machine that has just booted could come near it.
        let time = self.kernel.saturating_add(since).max(Duration::from_nanos(1));
        Timespec::try_from(time).unwrap_or(Timespec { tv_sec: i64::MAX, tv_nsec: 0 })
    }
}
