//! Parallel against sequential execution of a chain: paired and interleaved blocks, the ratio with its interval,
//! and the ideal speedup of the very runs beside it.

mod exchange;
mod options;
mod order;
mod run;
mod tally;
mod trace;

pub use options::{SpeedupError, SpeedupOptions};
pub use run::{SpeedupProgress, run_speedup};
