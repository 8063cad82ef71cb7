//! The result of a run: one serialisable, versioned value. Reports, thresholds and comparisons are pure functions
//! of it, so that they can be made again from the saved file.

mod figures;
mod generator;
mod label;
mod load;
mod service;
mod threshold;
mod timeline;
mod verdict;
mod watched;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::band::Band;

pub use figures::{
    ClassFigures, FAILURE_KINDS_MAX, FailureCount, Figures, GENERATOR_FAILURE, Goodput, GroundTruth,
    OTHER_FAILURES, TaskFigures, TokenSource,
};
pub use generator::{ArrivalCounts, Generator, Validity};
pub use label::instant_of_label;
pub use label::utc_label;
pub use load::{EndReason, LoadChange, LoadKind, LoadSummary, StageSummary, StageWay, Window};
pub use service::{FailureGroups, SUSTAINED_S, ServiceFigures};
pub use threshold::{Outcome, ThresholdResult};
pub use timeline::{Phase, Second};
pub use verdict::{CONNECT_FAILURES, NoSuccess, RunVerdict};
pub use watched::{Reading, Watched, WatchedUnit};

/// The version of the [`Summary`] format; it rises when a reader of the old format would misread the new one.
pub const SCHEMA: u32 = 2;

/// The result of one run of one scenario.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Summary {
    /// [`SCHEMA`] of the version that wrote it.
    pub schema: u32,
    /// The version of Weir that made the run.
    pub weir: String,
    /// The scenario's name.
    pub scenario: String,
    /// The target's URL, without anything secret.
    pub target: String,
    /// When the run began, RFC 3339 in UTC. A label: no figure is computed from it.
    pub started: String,
    /// The seed of every random choice of the run.
    pub seed: u64,
    /// The factor of the run's waits, and of those of a server started for it; 1 by default.
    pub time_scale: f64,
    /// The requested load.
    pub load: LoadSummary,
    /// The measured window and how it ended.
    pub window: Window,
    /// All tasks together.
    pub all: Figures,
    /// The failures of requests outside the measured window, in warm-up and cool-down, by kind.
    #[serde(default)]
    pub failures_outside: BTreeMap<String, FailureCount>,
    /// Each user class, in the order of their names.
    pub classes: Vec<ClassFigures>,
    /// Each task, in the scenario's order.
    pub tasks: Vec<TaskFigures>,
    /// Each second of the run, warm-up and the last requests included.
    pub timeline: Vec<Second>,
    /// Series of the target's resources and metrics.
    pub watched: Vec<Watched>,
    /// Each threshold and whether it held, in the order in which they were given.
    pub thresholds: Vec<ThresholdResult>,
    /// The bands that rate the run.
    pub bands: Vec<Band>,
    /// Whether the generator itself can be trusted.
    pub generator: Generator,
    /// Notes for the reader of the figures, one sentence each.
    pub notes: Vec<String>,
}
