//! The load of a scenario.

use std::str::FromStr;

use schemars::JsonSchema;
use serde::Deserialize;
use serde::de::{self, Deserializer};
use weir_pace::{Rate, RateError};

use crate::scenario::schema;

use super::duration::RawDuration;

/// Users who wait for their responses (a closed loop), or arrivals at a rate (an open loop).
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::scenario) struct RawLoad {
    /// The number of concurrent users: a closed loop.
    pub(in crate::scenario) users: Option<u64>,
    /// Users started per second (all at once).
    #[schemars(with = "Option<schema::Rate>")]
    pub(in crate::scenario) spawn_rate: Option<Rate>,
    /// The number of concurrent users without think times: a closed loop without pauses.
    pub(in crate::scenario) concurrency: Option<u64>,
    /// Requests started per second, independent of the target's speed: an open loop.
    #[schemars(with = "Option<schema::Rate>")]
    pub(in crate::scenario) rate: Option<Rate>,
    /// The arrival process of an open loop: `constant`, `poisson` or `gamma` (constant).
    pub(in crate::scenario) arrivals: Option<String>,
    /// The shape parameter of gamma arrivals: 1 is Poisson, less is more bursty.
    pub(in crate::scenario) burstiness: Option<f64>,
    /// The coefficient of variation of gamma arrivals: 1 is Poisson, more is more bursty.
    pub(in crate::scenario) cv: Option<f64>,
    /// Users or a rate that change over time. The sum of the stages is the run time.
    pub(in crate::scenario) stages: Option<Vec<RawStage>>,
    /// Searches for the highest load that meets its limits.
    pub(in crate::scenario) search: Option<RawSearch>,
    /// The limit of requests in flight of an open loop, on each worker (10000). As many again queue; further ones are shed.
    pub(in crate::scenario) max_in_flight: Option<u64>,
    /// The number of requests of tasks after which the run ends.
    pub(in crate::scenario) requests: Option<u64>,
    /// The time in which requests are started.
    pub(in crate::scenario) run_time: Option<RawDuration>,
    /// Warm-up: the time at the beginning whose requests are not measured (0s).
    pub(in crate::scenario) warm_up: Option<RawDuration>,
    /// Cool-down: the time at the end whose requests are not measured (0s).
    pub(in crate::scenario) cool_down: Option<RawDuration>,
    /// How long requests may continue after the last one was started (10s).
    pub(in crate::scenario) grace: Option<RawDuration>,
}

impl RawLoad {
    /// Returns the limits of the search, if the load is one.
    pub(in crate::scenario) fn search_limits(&self) -> &[String] {
        self.search.as_ref().map_or(&[], |search| &search.limits)
    }
}

/// A stage of a load that changes over time.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::scenario) struct RawStage {
    /// The length of the stage (0s: the level changes at once).
    #[serde(rename = "for")]
    pub(in crate::scenario) length: Option<RawDuration>,
    /// The number of users at its end.
    pub(in crate::scenario) users: Option<u64>,
    /// The rate at its end.
    #[schemars(with = "Option<schema::Rate>")]
    pub(in crate::scenario) rate: Option<StageRate>,
    /// Whether the level is reached at the beginning of the stage instead of at its end (false).
    #[serde(default)]
    pub(in crate::scenario) jump: bool,
}

/// Arrivals per second. Unlike other rates, that of a stage may be zero.
#[derive(Copy, Clone, Debug, PartialEq)]
pub(in crate::scenario) struct StageRate(pub(in crate::scenario) f64);

impl FromStr for StageRate {
    type Err = RateError;

    fn from_str(text: &str) -> Result<Self, RateError> {
        match text.parse::<Rate>() {
            Ok(rate) => Ok(Self(rate.per_second())),
            Err(RateError::OutOfRange { .. }) if is_zero(text) => Ok(Self(0.0)),
            Err(error) => Err(error),
        }
    }
}

fn is_zero(rate: &str) -> bool {
    rate.split('/').next().and_then(|amount| amount.trim().parse::<f64>().ok()) == Some(0.0)
}

impl<'de> Deserialize<'de> for StageRate {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
    }
}

/// A search for the highest load that meets its limits: raise the level until one fails, narrow, confirm.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::scenario) struct RawSearch {
    /// The level that is raised: `users` or `rate` (users).
    pub(in crate::scenario) over: Option<String>,
    /// The first level: users, or arrivals per second (10).
    pub(in crate::scenario) from: Option<f64>,
    /// The highest level (1000).
    pub(in crate::scenario) to: Option<f64>,
    /// The factor from one level to the next until a limit fails (2).
    pub(in crate::scenario) step: Option<f64>,
    /// The time in which each level is measured (20s).
    pub(in crate::scenario) step_time: Option<RawDuration>,
    /// The time before each measurement in which the level is held (5s).
    pub(in crate::scenario) settle: Option<RawDuration>,
    /// The largest gap between the highest level that holds and the lowest that fails, as a share of it (0.05).
    pub(in crate::scenario) precision: Option<f64>,
    /// The number of times that the highest level must hold again (2).
    pub(in crate::scenario) confirm: Option<u32>,
    /// Thresholds that a level must meet, in addition to those of the scenario.
    #[serde(default)]
    pub(in crate::scenario) limits: Vec<String>,
}
