//! What rings when the earliest deadline of a shard has come.
//!
//! An alarm is a pair: [`Alarm`] is set from anywhere, at any time, and the latest setting counts; [`Bell`] is what
//! the shard's driver listens to. Dropping the alarm rings the bell once more, so that the driver can end.

#[cfg(target_os = "linux")]
mod timerfd;
#[cfg(any(test, not(target_os = "linux")))]
mod wheel;

#[cfg(target_os = "linux")]
pub(super) use timerfd::{Alarm, Bell, EARLY_MIN, KIND, alarm};
#[cfg(not(target_os = "linux"))]
pub(super) use wheel::{Alarm, Bell, EARLY_MIN, KIND, alarm};
