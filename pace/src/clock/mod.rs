//! Deadlines met to tens of microseconds: see [`Clock`].

mod alarm;
mod deadlines;
mod handle;
mod shard;
mod simulation;
mod sleep;
#[cfg(test)]
mod tests;
mod timeout;

pub use handle::{Clock, TimerConfig, TimerError, TimerKind};
pub use simulation::simulate;
pub use sleep::Sleep;
pub use timeout::Elapsed;
