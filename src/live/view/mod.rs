//! The model of live views: a pure function of the summary so far.

mod history;
mod model;
mod of_summary;
#[cfg(test)]
pub(crate) mod testing;

pub(crate) use model::{FailureRow, Health, History, LoopKind, Now, Row, RunStage, ThresholdRow, View};
