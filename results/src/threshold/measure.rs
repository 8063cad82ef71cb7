//! The figures that can be judged.

use std::fmt;

use super::bound::Kind;
use super::request::RequestLimits;
use super::stat::Stat;
use super::timing::{TIMINGS, Timing};

/// A figure without its scope.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Measure {
    /// One value of a distribution of durations.
    Timing(Timing, Stat),
    Scalar(Scalar),
    /// Requests that met all of these limits.
    Goodput(RequestLimits),
}

/// A figure that is one number.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub(crate) enum Scalar {
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
    /// The share of completed answers without content, reasoning or tool call.
    Empty,
    /// The share of completed answers that are streams without their end mark.
    Unmarked,
    /// The share of ended requests that were sent again after their connection was closed.
    Resends,
    /// The share of ended requests that were attempted more than once.
    Retried,
    /// How many attempts followed the first ones.
    Retries,
    /// The mean number of requests of a turn of a conversation.
    RequestsPerTurn,
    /// The mean number of tokens of a content event.
    TokensPerEvent,
}

/// The direction in which a figure is better.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub(crate) enum Better {
    Lower,
    Higher,
}

pub(super) const SCALARS: [(&str, Scalar); 15] = [
    ("errors", Scalar::Errors),
    ("availability", Scalar::Availability),
    ("rate_limited", Scalar::RateLimited),
    ("failures", Scalar::Failures),
    ("requests", Scalar::Requests),
    ("rps", Scalar::Rps),
    ("tokens_per_second", Scalar::TokensPerSecond),
    ("cost_usd", Scalar::CostUsd),
    ("empty", Scalar::Empty),
    ("unmarked", Scalar::Unmarked),
    ("resends", Scalar::Resends),
    ("retried", Scalar::Retried),
    ("retries", Scalar::Retries),
    ("requests_per_turn", Scalar::RequestsPerTurn),
    ("tokens_per_event", Scalar::TokensPerEvent),
];

/// How goodput is written.
pub(super) const GOODPUT: &str = "goodput";

/// Returns the names of all figures.
pub(super) fn names() -> impl Iterator<Item = &'static str> {
    let timings = TIMINGS.iter().map(|(name, _)| *name);
    timings.chain(SCALARS.iter().map(|(name, _)| *name)).chain([GOODPUT])
}

impl Scalar {
    pub(super) fn named(name: &str) -> Option<Self> {
        SCALARS.iter().find(|(known, _)| *known == name).map(|(_, scalar)| *scalar)
    }
}

impl Measure {
    pub(super) fn kind(&self) -> Kind {
        match self {
            Self::Timing(..) => Kind::Time,
            Self::Scalar(
                Scalar::Errors
                | Scalar::Availability
                | Scalar::RateLimited
                | Scalar::Empty
                | Scalar::Unmarked
                | Scalar::Resends
                | Scalar::Retried,
            ) => Kind::Share,
            Self::Scalar(Scalar::TokensPerEvent | Scalar::RequestsPerTurn) => Kind::Mean,
            Self::Scalar(Scalar::Failures | Scalar::Requests | Scalar::Retries) => Kind::Count,
            Self::Scalar(Scalar::Rps | Scalar::TokensPerSecond) => Kind::PerSecond,
            Self::Scalar(Scalar::CostUsd) => Kind::Cost,
            Self::Goodput(_) => Kind::Goodput,
        }
    }

    /// Whether the figure belongs to the generator, not to requests.
    pub(crate) fn is_generator(&self) -> bool {
        matches!(self, Self::Timing(timing, _) if timing.is_generator())
    }

    /// The direction in which it is better.
    pub(crate) fn better(&self) -> Better {
        match self {
            Self::Timing(..)
            | Self::Scalar(
                Scalar::Errors
                | Scalar::RateLimited
                | Scalar::Failures
                | Scalar::CostUsd
                | Scalar::Empty
                | Scalar::Unmarked
                | Scalar::Resends
                | Scalar::Retried
                | Scalar::Retries
                | Scalar::RequestsPerTurn
                | Scalar::TokensPerEvent,
            ) => Better::Lower,
            Self::Scalar(Scalar::Availability | Scalar::Requests | Scalar::Rps | Scalar::TokensPerSecond)
            | Self::Goodput(_) => Better::Higher,
        }
    }
}

impl fmt::Display for Measure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Timing(timing, stat) => write!(f, "{timing}.{stat}"),
            Self::Scalar(scalar) => {
                f.write_str(SCALARS.iter().find(|(_, known)| known == scalar).map_or("", |(name, _)| name))
            }
            Self::Goodput(limits) => write!(f, "{GOODPUT}({limits})"),
        }
    }
}
