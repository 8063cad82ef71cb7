//! Timers with a precision of tens of microseconds: see [`Clock`].

mod blocking;
mod deadlines;
mod handle;
mod inner;
mod shard;
mod simulation;
mod sleep;
#[cfg(test)]
mod tests;
mod timeout;
mod timer;

pub use blocking::block_in_place;
pub use handle::{Clock, TimerConfig, TimerError, instant_after};
pub use simulation::simulate;
pub use sleep::Sleep;
pub use timeout::Elapsed;
pub use timer::TimerKind;
