//! Parallel against sequential: the result, and its statistics.

mod arm;
mod block;
mod paired;
mod student;
mod summary;

pub use arm::Arm;
pub use block::{Block, Lengths, median};
pub use paired::{PAIRS_MAX, RatioInterval, SpeedupVerdict};
pub use summary::{ArmFigures, Pair, SpeedupRun, SpeedupSummary};
