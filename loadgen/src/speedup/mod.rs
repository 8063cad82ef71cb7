//! Parallel against sequential execution of a chain: paired and interleaved blocks, the ratio with its interval,
//! and the ideal speedup of the very runs beside it.

mod block;
mod exchange;
mod options;
mod order;
mod paired;
mod run;
mod student;
mod summary;
mod tally;
mod trace;

pub use options::{SpeedupError, SpeedupOptions};
pub use order::Arm;
pub use paired::{RatioInterval, SpeedupVerdict};
pub use run::{SpeedupProgress, run_speedup};
pub use summary::{ArmFigures, Pair, SpeedupSummary};
