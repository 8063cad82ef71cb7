//! The requested load, and the window in which it was measured.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The load of a scenario, after the command line's changes.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct LoadSummary {
    /// What decides when a request starts.
    pub kind: LoadKind,
    /// Virtual users; of a closed loop without stages.
    pub users: Option<u64>,
    /// Users started per second; of a closed loop whose users do not all start at once.
    pub spawn_rate_per_s: Option<f64>,
    /// The mean of the users' think times, weighted as the users are, in seconds; of a closed loop.
    pub think_mean_s: Option<f64>,
    /// Arrivals per second; of an open loop without stages.
    pub rate_per_s: Option<f64>,
    /// The arrival process (`constant`, `poisson`, `gamma`); of an open loop.
    pub arrivals: Option<String>,
    /// The shape of the gamma distribution: 1 is Poisson, below 1 there are bursts, above 1 the gaps are more even.
    pub burstiness: Option<f64>,
    /// The planned stages of users or rate, one after another, starting at zero; empty for a constant load.
    pub stages: Vec<StageSummary>,
    /// Changes of the load while it ran, at most 1 000.
    pub changes: Vec<LoadChange>,
    /// How long requests were to be started, in seconds.
    pub run_time_s: Option<f64>,
    /// How many requests were to be started.
    pub requests: Option<u64>,
    /// The warm-up: seconds at the beginning that the figures exclude.
    pub warm_up_s: f64,
    /// The cool-down: seconds at the end of the run time that the figures exclude.
    pub cool_down_s: f64,
    /// Worker threads.
    pub workers: u64,
}

/// One stage of a load.
#[derive(Copy, Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct StageSummary {
    /// Its length in seconds.
    pub lasts_s: f64,
    /// Its target level: users of a closed loop, arrivals per second of an open one.
    pub to: f64,
    /// How the level changes.
    pub way: StageWay,
}

/// How a stage changes the load from the previous level to its target level.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum StageWay {
    /// Linearly over its whole length.
    Ramp,
    /// At once, at its beginning.
    Jump,
}

/// A change of the load while it ran.
#[derive(Copy, Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct LoadChange {
    /// Seconds since the run began.
    pub at_s: f64,
    /// The new users of a closed loop, or arrivals per second of an open one.
    pub to: f64,
    /// The change per second; `None` if the load changed at once.
    pub per_second: Option<f64>,
}

/// What decides when a request starts.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum LoadKind {
    /// Users who wait for a response, think, and send the next request: the load slows down with its target.
    Closed,
    /// Arrivals at a given rate: requests are measured from the instant at which they should have started.
    Open,
}

/// The measured window, in seconds since the run began.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Window {
    /// The whole run, until the last request had ended.
    pub run_s: f64,
    /// The warm-up at its beginning.
    pub warm_up_s: f64,
    /// The cool-down at the end of its run time.
    pub cool_down_s: f64,
    /// The window's length: from the end of the warm-up, or the first start where there is none, to the cool-down or
    /// the end of the run time, or the last end of a request where that came first. What throughput is divided by.
    pub measured_s: f64,
    /// Why no more requests were started; `None` while the run continues.
    pub ended: Option<EndReason>,
    /// Requests of the window that were cut when the grace after its end was over; they count as neither completed
    /// nor failed.
    pub unfinished: u64,
}

/// Why a run ended.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum EndReason {
    /// The run time was over.
    RunTime,
    /// The number of requests had been sent.
    Requests,
    /// The user stopped it.
    Interrupted,
    /// The target stopped accepting connections.
    TargetDead,
    /// A threshold failed that ends the run.
    Threshold,
    /// Ten requests failed and none succeeded in the first two seconds or later.
    NothingSucceeded,
    /// The generator was killed: the summary was saved during the run, at most a second before.
    CutShort,
}

impl EndReason {
    /// The severity: of several reasons, the most severe is that of a merged run.
    pub const fn gravity(self) -> u8 {
        match self {
            Self::Requests => 1,
            Self::RunTime => 2,
            Self::Threshold => 3,
            Self::NothingSucceeded => 4,
            Self::TargetDead => 5,
            Self::Interrupted => 6,
            Self::CutShort => 7,
        }
    }
}

impl fmt::Display for EndReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::RunTime => "run time over",
            Self::Requests => "all requests sent",
            Self::Interrupted => "interrupted",
            Self::CutShort => "cut short: the generator was killed",
            Self::Threshold => "a threshold failed",
            Self::NothingSucceeded => "no request succeeded",
            Self::TargetDead => "the target stopped accepting connections",
        })
    }
}
