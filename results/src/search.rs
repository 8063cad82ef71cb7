//! The result of a search for the highest load.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::summary::{RunVerdict, Summary};
use crate::units;

/// The result of one search.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct SearchSummary {
    /// [`SCHEMA`](crate::SCHEMA) of the version that wrote it.
    pub schema: u32,
    /// The version of Weir that searched.
    pub weir: String,
    /// The scenario's name.
    pub scenario: String,
    /// The target's URL, without anything secret.
    pub target: String,
    /// When the search began, RFC 3339 in UTC. A label: nothing is computed from it.
    pub started: String,
    /// The seed of every random choice.
    pub seed: u64,
    /// The factor of all waits; 1 by default.
    pub time_scale: f64,
    /// The quantity that was raised.
    pub over: SearchOver,
    /// The first level: users, or arrivals per second.
    pub from: f64,
    /// The highest level to try.
    pub to: f64,
    /// The factor between consecutive levels.
    pub step: f64,
    /// The precision: the distance of the found level to the lowest that failed, as a share of it.
    pub precision: f64,
    /// How often the found level had to be confirmed.
    pub confirm: u32,
    /// How long each level was measured, in seconds.
    pub step_time_s: f64,
    /// The warm-up of each level, in seconds.
    pub settle_s: f64,
    /// The thresholds that had to hold.
    pub limits: Vec<String>,
    /// How the search ended.
    pub ended: SearchEnd,
    /// The highest level that held; confirmed when it ended with [`Found`](SearchEnd::Found) or
    /// [`Ceiling`](SearchEnd::Ceiling).
    pub held: Option<f64>,
    /// The lowest level that failed.
    pub failed: Option<f64>,
    /// Every probe, in the order in which they ran.
    pub probes: Vec<ProbeSummary>,
    /// The last probe of the highest level that held.
    pub best: Option<Box<Summary>>,
}

/// The quantity that a search raises.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum SearchOver {
    /// The users of a closed loop.
    Users,
    /// The rate of an open loop.
    Rate,
}

impl SearchOver {
    /// Returns the nearest valid level: users are whole, rates have four digits.
    pub fn rounded(self, level: f64) -> f64 {
        match self {
            Self::Users => level.round(),
            Self::Rate => {
                let unit = 10_f64.powf(level.log10().floor() - 3.0);
                (level / unit).round() * unit
            }
        }
    }

    /// A level of a search: `280 users`, `1 250/s`.
    pub fn level_text(self, level: f64) -> String {
        match self {
            Self::Users => units::users(level as u64),
            Self::Rate => format!("{}/s", units::figure(level)),
        }
    }

    /// A level without its unit.
    pub fn level_figure(self, level: f64) -> String {
        match self {
            Self::Users => units::count(level as u64),
            Self::Rate => units::figure(level),
        }
    }

    /// Returns the smallest difference between two levels.
    pub fn grain(self) -> f64 {
        match self {
            Self::Users => 1.0,
            Self::Rate => 0.0,
        }
    }
}

impl fmt::Display for SearchOver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Users => "users",
            Self::Rate => "rate",
        })
    }
}

/// Why a level is tried.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Purpose {
    /// To find one that fails.
    Raise,
    /// To come nearer to the highest that holds.
    Narrow,
    /// To confirm that it holds again.
    Confirm,
}

impl fmt::Display for Purpose {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Raise => "raise",
            Self::Narrow => "narrow down",
            Self::Confirm => "confirm",
        })
    }
}

impl SearchSummary {
    /// How long its probes took, in seconds; one that was cut counts like the others.
    pub fn run_s(&self) -> f64 {
        self.probes.len() as f64 * (self.settle_s + self.step_time_s)
    }

    /// Returns the verdict on the search.
    #[must_use]
    pub fn verdict(&self) -> RunVerdict {
        match self.ended {
            SearchEnd::Found | SearchEnd::Ceiling => RunVerdict::Passed,
            SearchEnd::Nothing | SearchEnd::Unsteady => RunVerdict::Failed,
            SearchEnd::Generator | SearchEnd::TargetDead => RunVerdict::Invalid,
            SearchEnd::Interrupted | SearchEnd::CutShort => RunVerdict::Interrupted,
        }
    }
}

/// One level that was tried.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct ProbeSummary {
    /// Users, or arrivals per second.
    pub level: f64,
    /// Why it was tried.
    pub purpose: Purpose,
    /// The outcome.
    pub outcome: ProbeOutcome,
    /// Completed requests per second.
    pub rps: f64,
    /// Output tokens per second.
    pub tokens_per_second: f64,
    /// Median latency: e2e for users; for a rate, from the instant at which a request should have started.
    pub latency_p50_ms: Option<f64>,
    /// Its 95th percentile.
    pub latency_p95_ms: Option<f64>,
    /// The 95th percentile of TTFT.
    pub ttft_p95_ms: Option<f64>,
    /// Failures as a share of all requests that ended.
    pub error_share: f64,
}

/// The outcome of a probe.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ProbeOutcome {
    /// Every limit held.
    Held,
    /// One did not.
    Failed,
    /// The generator was the bottleneck: the probe proves nothing about the target.
    Invalid,
    /// It was interrupted, or its target died.
    Cut,
}

/// Why a search ended.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum SearchEnd {
    /// The highest level that holds is known.
    Found,
    /// Even the highest level to try holds.
    Ceiling,
    /// Not even the lowest does.
    Nothing,
    /// Level after level held once and then failed.
    Unsteady,
    /// The generator reached its limit before the target did.
    Generator,
    /// The target stopped accepting connections.
    TargetDead,
    /// The user stopped it.
    Interrupted,
    /// The process was ended from outside: this is what it had saved.
    CutShort,
}

impl fmt::Display for SearchEnd {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Found => "the highest load that holds was found",
            Self::Ceiling => "the highest load that was to be tried holds",
            Self::Nothing => "not even the lowest load holds",
            Self::Unsteady => "load after load held once and then failed",
            Self::Generator => "the generator gave out before the target did",
            Self::TargetDead => "the target stopped accepting connections",
            Self::Interrupted => "interrupted",
            Self::CutShort => "cut short",
        })
    }
}

impl fmt::Display for ProbeOutcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Held => "held",
            Self::Failed => "FAILED",
            Self::Invalid => "INVALID",
            Self::Cut => "cut",
        })
    }
}
