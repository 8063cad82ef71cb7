//! Linux: a `timerfd` of absolute `CLOCK_MONOTONIC` times, watched by the runtime's own epoll.

use std::io;
use std::os::fd::OwnedFd;
use std::time::{Duration, Instant};

use rustix::time::{
    ClockId, Itimerspec, TimerfdClockId, TimerfdFlags, TimerfdTimerFlags, Timespec, clock_gettime,
    timerfd_create, timerfd_settime,
};
use tokio::net::unix::pipe;

use super::kind::TimerKind;

pub(in crate::clock) const KIND: TimerKind = TimerKind::Precise;
/// The smallest window in which a waiter may be woken early: zero, because a timerfd never expires early.
pub(in crate::clock) const EARLY_MIN: Duration = Duration::ZERO;

/// Sets the timer.
#[derive(Debug)]
pub(in crate::clock) struct Timer {
    timer: OwnedFd,
    anchor: Anchor,
}

/// Waits for the timer.
#[derive(Debug)]
pub(in crate::clock) struct TimerListener {
    // A timerfd is read like a pipe, and this is tokio's only safe API for a descriptor that is only polled and read:
    // `AsyncFd::new` is deprecated as unsound, `AsyncFd::register` is unsafe.
    timer: pipe::Receiver,
}

/// Creates an unset timer. Must be called inside a runtime.
pub(in crate::clock) fn create_timer() -> io::Result<(Timer, TimerListener)> {
    let timer = timerfd_create(TimerfdClockId::Monotonic, TimerfdFlags::NONBLOCK | TimerfdFlags::CLOEXEC)?;
    let listener = TimerListener { timer: pipe::Receiver::from_owned_fd_unchecked(timer.try_clone()?)? };
    let timer = Timer { timer, anchor: Anchor::take()? };
    // If the kernel or a sandbox rejects setting the timer, it does so here, where the error can be returned.
    timer.set_timer(Timespec::default())?;
    Ok((timer, listener))
}

impl Timer {
    /// Sets the timer to `instant`, or to now if that has passed; replaces the previous setting.
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

impl Drop for Timer {
    fn drop(&mut self) {
        self.set(self.anchor.instant);
    }
}

impl TimerListener {
    /// Waits until the timer has expired. The caller must set the timer again, if it has further deadlines, *before* it
    /// calls this again.
    ///
    /// # Errors
    /// Fails if the runtime is shutting down.
    pub(in crate::clock) async fn expired(&mut self) -> io::Result<()> {
        // Setting a timerfd resets it, so this read usually finds nothing, which makes tokio poll the kernel again: one
        // read per expiration. If it finds something, the timer has already expired again.
        let mut expirations = [0; 8];
        match self.timer.try_read(&mut expirations) {
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => self.timer.readable().await,
            outcome => outcome.map(|_| ()),
        }
    }
}

/// The same moment on both clocks, because an `Instant` does not expose its `CLOCK_MONOTONIC` time.
#[derive(Debug)]
struct Anchor {
    instant: Instant,
    kernel: Duration,
}

impl Anchor {
    /// The number of attempts to read both clocks without an interruption between the reads.
    const TRIES: usize = 8;

    /// The instant is read first, so the error (tens of nanoseconds) makes the timer late, never early.
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
        // Zero would disarm the timer; only a machine that has just booted could be near it.
        let time = self.kernel.saturating_add(since).max(Duration::from_nanos(1));
        Timespec::try_from(time).unwrap_or(Timespec { tv_sec: i64::MAX, tv_nsec: 0 })
    }
}
