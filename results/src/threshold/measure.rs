//! The figures that can be judged.

use std::fmt;

use super::request::RequestLimits;
use super::stat::Stat;

/// What is looked at.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Measure {
    /// One value of a distribution of durations.
    Timing(Timing, Stat),
    Plain(Plain),
    /// Requests that kept all of these limits.
    Goodput(RequestLimits),
}

/// A distribution of durations.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub(crate) enum Timing {
    Request(RequestTiming),
    /// Gaps between tokens, pooled over requests.
    Itl,
    /// The generator's own: how late it started requests.
    Lateness,
    /// The generator's own: how long a ready task waited for its turn.
    LoopLag,
}

/// A duration that each request has, or lacks.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub(crate) enum RequestTiming {
    Ttfb,
    Ttft,
    Ttfo,
    TtftScheduled,
    Tpot,
    E2e,
    ResponseTime,
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

/// What a figure can be compared with.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Time,
    Share,
    Count,
    PerSecond,
    /// US dollars.
    Cost,
    /// A share, or a rate.
    Goodput,
}

/// In which direction a figure is better.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub(crate) enum Better {
    Lower,
    Higher,
}

const TIMINGS: [(&str, Timing); 10] = [
    ("ttfb", Timing::Request(RequestTiming::Ttfb)),
    ("ttft", Timing::Request(RequestTiming::Ttft)),
    ("ttfo", Timing::Request(RequestTiming::Ttfo)),
    ("ttft_scheduled", Timing::Request(RequestTiming::TtftScheduled)),
    ("itl", Timing::Itl),
    ("tpot", Timing::Request(RequestTiming::Tpot)),
    ("e2e", Timing::Request(RequestTiming::E2e)),
    ("response_time", Timing::Request(RequestTiming::ResponseTime)),
    ("lateness", Timing::Lateness),
    ("loop_lag", Timing::LoopLag),
];

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

impl Timing {
    pub(super) fn named(name: &str) -> Option<Self> {
        TIMINGS.iter().find(|(known, _)| *known == name).map(|(_, timing)| *timing)
    }

    /// Whether it is of the generator and not of any request.
    pub(super) fn is_generator(self) -> bool {
        matches!(self, Self::Lateness | Self::LoopLag)
    }
}

impl RequestTiming {
    /// The words for what one request has.
    pub(super) fn names() -> impl Iterator<Item = &'static str> {
        let of_request = |(name, timing): &(&'static str, Timing)| match timing {
            Timing::Request(_) => Some(*name),
            Timing::Itl | Timing::Lateness | Timing::LoopLag => None,
        };
        TIMINGS.iter().filter_map(of_request)
    }
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

impl fmt::Display for Timing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(TIMINGS.iter().find(|(_, known)| known == self).map_or("", |(name, _)| name))
    }
}
