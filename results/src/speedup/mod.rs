//! Parallel against sequential: the result, and its statistics.

mod arm;
mod block;
mod efficiency;
mod paired;
mod student;
mod summary;

pub use arm::Arm;
pub use block::{Block, Lengths, median};
pub use efficiency::efficiency_in_words;
pub use paired::{PAIRS_MAX, RatioInterval, SpeedupVerdict};
pub use summary::{ArmFigures, Pair, SpeedupRun, SpeedupSummary};
