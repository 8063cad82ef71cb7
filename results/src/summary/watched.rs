//! Series of the target's resources and metrics.

use serde::{Deserialize, Serialize};

/// One series of readings, about one a second.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Watched {
    /// `cpu` or `memory` of the watched process, or the requested series of `/metrics`.
    pub name: String,
    /// The unit of its values.
    pub unit: WatchedUnit,
    /// In the order of time; seconds without a reading are left out.
    pub readings: Vec<Reading>,
}

/// The unit of the values of a series.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum WatchedUnit {
    /// Cores that the process kept busy since the previous reading.
    Cores,
    /// Resident memory in mebibytes.
    Mib,
    /// The value of a gauge.
    Value,
    /// The rise of a counter since the previous reading, per second.
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
