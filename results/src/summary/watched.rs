//! What was seen of the target beside its answers.

use serde::{Deserialize, Serialize};

/// One series of readings, about one a second.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Watched {
    /// `cpu` or `memory` of the watched process, or a series of `/metrics` as it was asked for.
    pub name: String,
    /// What a value counts.
    pub unit: WatchedUnit,
    /// In the order of time; seconds in which nothing could be read are left out.
    pub readings: Vec<Reading>,
}

/// What the values of a series count.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum WatchedUnit {
    /// Cores that the process kept busy since the reading before.
    Cores,
    /// Mebibytes that are resident.
    Mib,
    /// The value of a gauge.
    Value,
    /// The rise of a counter since the reading before, per second.
    PerSecond,
}

/// A value at an instant.
#[derive(Copy, Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Reading {
    /// Seconds since the run began.
    pub at_s: f64,
    /// In the unit of its series.
    pub value: f64,
}
