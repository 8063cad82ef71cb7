//! What is shown of a run that goes on: a pure function of its summary so far.

mod history;
mod model;
mod of_summary;
#[cfg(test)]
pub(crate) mod testing;

pub(crate) use model::{FailureRow, Health, History, Kind, Now, Row, Stage, View};
