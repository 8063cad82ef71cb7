//! The figures that can be judged.

use std::fmt;

use super::bound::Kind;
use super::request::RequestLimits;
use super::stat::Stat;
use super::timing::{TIMINGS, Timing};

/// What is looked at.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Measure {
    /// One value of a distribution of durations.
    Timing(Timing, Stat),
    Plain(Plain),
    /// Requests that kept all of these limits.
    Goodput(RequestLimits),
}

/// A figure that is one number.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub(crate) enum Plain {
    /// The share of ended requests that failed.
    Errors,
    /// The share of ended requests that did not fail.
    Availability,
    /// The share of ended requests that were rate limited.
    RateLimited,
    /// How many requests failed.
    Failures,
    /// How many requests ended.
    Requests,
    /// Completed requests per second.
    Rps,
    TokensPerSecond,
    /// What the tokens cost, in US dollars.
    CostUsd,
}

/// In which direction a figure is better.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub(crate) enum Better {
    Lower,
    Higher,
}

const PLAIN: [(&str, Plain); 8] = [
    ("errors", Plain::Errors),
    ("availability", Plain::Availability),
    ("rate_limited", Plain::RateLimited),
    ("failures", Plain::Failures),
    ("requests", Plain::Requests),
    ("rps", Plain::Rps),
    ("tokens_per_second", Plain::TokensPerSecond),
    ("cost_usd", Plain::CostUsd),
];

/// How goodput is written.
pub(super) const GOODPUT: &str = "goodput";

/// Every word that a figure can begin with.
pub(super) fn names() -> impl Iterator<Item = &'static str> {
    let timings = TIMINGS.iter().map(|(name, _)| *name);
    timings.chain(PLAIN.iter().map(|(name, _)| *name)).chain([GOODPUT])
}

impl Plain {
    pub(super) fn named(name: &str) -> Option<Self> {
        PLAIN.iter().find(|(known, _)| *known == name).map(|(_, plain)| *plain)
    }
}

impl Measure {
    pub(super) fn kind(&self) -> Kind {
        match self {
            Self::Timing(..) => Kind::Time,
            Self::Plain(Plain::Errors | Plain::Availability | Plain::RateLimited) => Kind::Share,
            Self::Plain(Plain::Failures | Plain::Requests) => Kind::Count,
            Self::Plain(Plain::Rps | Plain::TokensPerSecond) => Kind::PerSecond,
            Self::Plain(Plain::CostUsd) => Kind::Cost,
            Self::Goodput(_) => Kind::Goodput,
        }
    }

    /// Whether it is of the generator and not of any request.
    pub(crate) fn is_generator(&self) -> bool {
        matches!(self, Self::Timing(timing, _) if timing.is_generator())
    }

    /// In which direction it is better.
    pub(crate) fn better(&self) -> Better {
        match self {
            Self::Timing(..)
            | Self::Plain(Plain::Errors | Plain::RateLimited | Plain::Failures | Plain::CostUsd) => {
                Better::Lower
            }
            Self::Plain(Plain::Availability | Plain::Requests | Plain::Rps | Plain::TokensPerSecond)
            | Self::Goodput(_) => Better::Higher,
        }
    }
}

impl fmt::Display for Measure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Timing(timing, stat) => write!(f, "{timing}.{stat}"),
            Self::Plain(plain) => {
                f.write_str(PLAIN.iter().find(|(_, known)| known == plain).map_or("", |(name, _)| name))
            }
            Self::Goodput(limits) => write!(f, "{GOODPUT}({limits})"),
        }
    }
}
