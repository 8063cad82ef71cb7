//! The value of a figure in a summary.

use std::fmt;

use crate::histogram::Histogram;
use crate::summary::{Figures, Summary};
use crate::threshold::{Measure, RequestLimits, RequestTiming, Scalar, Scope, Subject, Timing};
use crate::units::Unit;

/// Why there is no value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unmeasured {
    /// The run had no task or class of that name.
    UnknownName,
    /// No request ended.
    NoRequest,
    /// Too few samples for this statistic.
    TooFew { samples: u64, needed: u64 },
    /// No request completed.
    NoneCompleted,
    /// No server reported the tokens of a stream.
    NoTokens,
    /// No turn of a conversation ended.
    NoTurns,
    /// None of the requested models has a price.
    NoPrice,
    /// UnknownName counted the requests that keep these limits.
    NotCounted,
}

impl Subject {
    /// Returns the value in a summary, in `unit`, which matters only for figures with two units.
    pub fn value(&self, summary: &Summary, unit: Unit) -> Result<f64, Unmeasured> {
        let figures = self.scope.figures(summary).ok_or(Unmeasured::UnknownName)?;
        match &self.measure {
            Measure::Timing(timing, stat) => {
                let histogram = timing.histogram(figures, summary);
                let samples = histogram.count();
                stat.of(histogram).map_err(|needed| Unmeasured::TooFew { samples, needed })
            }
            Measure::Scalar(scalar) => scalar.value(figures),
            Measure::Goodput(limits) => goodput(figures, limits, unit),
        }
    }
}

impl Scope {
    /// Returns the figures of the scope; `None` if the run had no such task or class.
    fn figures<'a>(&self, summary: &'a Summary) -> Option<&'a Figures> {
        match self {
            Self::All => Some(&summary.all),
            Self::Task(name) => {
                summary.tasks.iter().find(|task| task.name == *name).map(|task| &task.figures)
            }
            Self::Class(name) => {
                summary.classes.iter().find(|class| class.name == *name).map(|class| &class.figures)
            }
        }
    }
}

impl Timing {
    fn histogram<'a>(self, figures: &'a Figures, summary: &'a Summary) -> &'a Histogram {
        match self {
            Self::Request(RequestTiming::Ttfb) => &figures.ttfb,
            Self::Request(RequestTiming::Ttft) => &figures.ttft,
            Self::Request(RequestTiming::Ttfo) => &figures.ttfo,
            Self::Request(RequestTiming::TtftScheduled) => &figures.ttft_scheduled,
            Self::Request(RequestTiming::Tpot) => &figures.tpot,
            Self::Request(RequestTiming::E2e) => &figures.e2e,
            Self::Request(RequestTiming::ResponseTime) => &figures.response_time,
            Self::Itl => &figures.itl,
            Self::ItlPerToken => &figures.itl_per_token,
            Self::TurnTime => &figures.turn_time,
            Self::Lateness => &summary.generator.lateness,
            Self::LoopLag => &summary.generator.loop_lag,
        }
    }
}

impl Scalar {
    fn value(self, figures: &Figures) -> Result<f64, Unmeasured> {
        let share = |part: u64| figures.share(part).ok_or(Unmeasured::NoRequest);
        let of_completed = |part: u64| match figures.completed {
            0 => Err(Unmeasured::NoneCompleted),
            completed => Ok(part as f64 / completed as f64),
        };
        match self {
            Self::Errors => share(figures.failed),
            Self::Availability => figures.availability().ok_or(Unmeasured::NoRequest),
            Self::RateLimited => share(figures.rate_limited),
            Self::Failures => Ok(figures.failed as f64),
            Self::Requests => Ok(figures.ended() as f64),
            Self::Rps => Ok(figures.rps),
            Self::TokensPerSecond => Ok(figures.tokens_per_second),
            Self::CostUsd => figures.cost_usd.ok_or(Unmeasured::NoPrice),
            Self::Empty => of_completed(figures.empty),
            Self::Unmarked => of_completed(figures.unmarked),
            Self::Resends => share(figures.resends),
            Self::Retried => share(figures.retried),
            Self::Retries => Ok(figures.retries as f64),
            Self::RequestsPerTurn => figures.requests_per_turn().ok_or(Unmeasured::NoTurns),
            Self::TokensPerEvent => figures.tokens_per_event().ok_or(Unmeasured::NoTokens),
        }
    }
}

fn goodput(figures: &Figures, limits: &RequestLimits, unit: Unit) -> Result<f64, Unmeasured> {
    let limits = limits.to_string();
    let counted = figures.goodput.iter().find(|goodput| goodput.limits == limits);
    let counted = counted.ok_or(Unmeasured::NotCounted)?;
    if figures.ended() == 0 {
        return Err(Unmeasured::NoRequest);
    }
    Ok(if unit == Unit::PerSecond { counted.per_second } else { counted.share })
}

impl fmt::Display for Unmeasured {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not measured: ")?;
        match self {
            Self::UnknownName => f.write_str("the run had no task or class of that name"),
            Self::NoRequest => f.write_str("no request ended"),
            Self::TooFew { samples: 0, .. } => f.write_str("no samples"),
            Self::TooFew { samples: 1, needed } => write!(f, "1 sample, {needed} are needed"),
            Self::TooFew { samples, needed } => write!(f, "{samples} samples, {needed} are needed"),
            Self::NoneCompleted => f.write_str("no request completed"),
            Self::NoTokens => f.write_str("no stream has a reported number of tokens"),
            Self::NoTurns => f.write_str("no turn of a conversation ended"),
            Self::NoPrice => f.write_str("none of its models has a price"),
            Self::NotCounted => f.write_str("the run did not count these limits"),
        }
    }
}
