//! A figure of somebody.

use std::fmt;

use super::bound::Bound;
use super::error::ThresholdError;
use super::measure::{Measure, Plain, RequestTiming, Timing};
use super::parse;
use super::request::RequestLimits;
use super::scope::Scope;
use crate::histogram::Histogram;
use crate::summary::{Figures, Summary, Unit};

/// A figure of somebody: `task("chat").ttft.p95`.
#[derive(Clone, Debug, PartialEq)]
pub struct Subject {
    /// Of whom.
    pub scope: Scope,
    pub(crate) measure: Measure,
}

/// Why there is no value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unmeasured {
    /// The run had nobody of that name.
    Nobody,
    /// No request ended.
    NoRequest,
    /// Too few samples for this statistic.
    TooFew { samples: u64, needed: u64 },
    /// None of the models that were asked has a price.
    NoPrice,
    /// Nobody counted the requests that keep these limits.
    NotCounted,
}

impl Subject {
    /// Reads a threshold up to its comparison.
    ///
    /// # Errors
    ///
    /// It is something else; the error points at the character.
    pub fn parse(text: &str) -> Result<Self, ThresholdError> {
        parse::subject(text)
    }

    /// Its value in a summary, in `unit`, which is needed only where there are two.
    pub fn value(&self, summary: &Summary, unit: Unit) -> Result<f64, Unmeasured> {
        let figures = self.scope.figures(summary).ok_or(Unmeasured::Nobody)?;
        match &self.measure {
            Measure::Timing(timing, stat) => {
                let histogram = timing.histogram(figures, summary);
                let samples = histogram.count();
                stat.of(histogram).map_err(|needed| Unmeasured::TooFew { samples, needed })
            }
            Measure::Plain(plain) => plain.value(figures),
            Measure::Goodput(limits) => goodput(figures, limits, unit),
        }
    }

    /// What a text stands for beside it.
    pub fn bound(&self, text: &str) -> Option<Bound> {
        Bound::parse(text.trim(), self.measure.kind())
    }

    /// What a text has to be for that.
    pub fn needed(&self) -> &'static str {
        self.measure.kind().needed()
    }

    /// Whether it measures the generator, which tasks and classes do not have apart.
    #[must_use]
    pub fn measures_generator(&self) -> bool {
        self.measure.is_generator()
    }

    /// The unit in which it is compared with this bound.
    pub fn unit(&self, bound: Bound) -> Unit {
        bound.unit(self.measure.kind())
    }

    /// The limits that have to be counted for it while the run goes on.
    pub fn goal(&self) -> Option<&RequestLimits> {
        match &self.measure {
            Measure::Goodput(limits) => Some(limits),
            Measure::Timing(..) | Measure::Plain(_) => None,
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
            Self::Lateness => &summary.generator.lateness,
            Self::LoopLag => &summary.generator.loop_lag,
        }
    }
}

impl Plain {
    fn value(self, figures: &Figures) -> Result<f64, Unmeasured> {
        let share = |part: u64| figures.share(part).ok_or(Unmeasured::NoRequest);
        match self {
            Self::Errors => share(figures.failed),
            Self::Availability => share(figures.ended() - figures.failed),
            Self::RateLimited => share(figures.rate_limited),
            Self::Failures => Ok(figures.failed as f64),
            Self::Requests => Ok(figures.ended() as f64),
            Self::Rps => Ok(figures.rps),
            Self::TokensPerSecond => Ok(figures.tokens_per_second),
            Self::CostUsd => figures.cost_usd.ok_or(Unmeasured::NoPrice),
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

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.scope, self.measure)
    }
}

impl fmt::Display for Unmeasured {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not measured: ")?;
        match self {
            Self::Nobody => f.write_str("the run had nobody of that name"),
            Self::NoRequest => f.write_str("no request ended"),
            Self::TooFew { samples: 0, .. } => f.write_str("no samples"),
            Self::TooFew { samples: 1, needed } => write!(f, "1 sample, {needed} are needed"),
            Self::TooFew { samples, needed } => write!(f, "{samples} samples, {needed} are needed"),
            Self::NoPrice => f.write_str("none of its models has a price"),
            Self::NotCounted => f.write_str("the run did not count these limits"),
        }
    }
}
