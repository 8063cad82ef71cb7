//! Compares parallel with sequential execution of a chain in paired, interleaved blocks: the speedup with its confidence
//! interval, and the ideal speedup of the same runs.

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
