//! The timer of a shard, set for its earliest deadline.
//!
//! A timer is a pair: [`Timer`] can be set from anywhere at any time, and the latest setting applies; the driver of the
//! shard waits for the [`TimerListener`]. Dropping the timer notifies the listener once more, so that the driver can end.

mod kind;
#[cfg(target_os = "linux")]
mod timerfd;
#[cfg(any(test, not(target_os = "linux")))]
mod tokio_timer;

#[cfg(target_os = "linux")]
pub(super) use timerfd::{EARLY_MIN, KIND, Timer, TimerListener, create_timer};
#[cfg(not(target_os = "linux"))]
pub(super) use tokio_timer::{EARLY_MIN, KIND, Timer, TimerListener, create_timer};

pub use kind::TimerKind;
