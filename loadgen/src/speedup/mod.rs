//! Parallel against sequential execution of a chain: paired and interleaved blocks, the ratio with its interval, and the
//! ideal speedup of the same runs.

mod chain_run;
mod drive;
mod options;
mod order;
mod tally;
mod trace;

pub use drive::{SpeedupProgress, run_speedup};
pub use options::{SpeedupError, SpeedupOptions};

#[cfg(test)]
mod tests;
