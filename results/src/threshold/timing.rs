//! Durations with thresholds.

use std::fmt;

/// A distribution of durations.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub(crate) enum Timing {
    Request(RequestTiming),
    /// Gaps between content events, pooled over requests.
    Itl,
    /// Times between tokens, where the events of a stream carry how many there are.
    ItlPerToken,
    /// The turns of conversations, from the first request to the end of the last answer.
    TurnTime,
    /// Of the generator: how late it started requests.
    Lateness,
    /// Of the generator: how long a ready task waited until it ran.
    LoopLag,
}

/// A duration of a single request.
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

pub(super) const TIMINGS: [(&str, Timing); 12] = [
    ("ttfb", Timing::Request(RequestTiming::Ttfb)),
    ("ttft", Timing::Request(RequestTiming::Ttft)),
    ("ttfo", Timing::Request(RequestTiming::Ttfo)),
    ("ttft_scheduled", Timing::Request(RequestTiming::TtftScheduled)),
    ("itl", Timing::Itl),
    ("itl_per_token", Timing::ItlPerToken),
    ("tpot", Timing::Request(RequestTiming::Tpot)),
    ("e2e", Timing::Request(RequestTiming::E2e)),
    ("response_time", Timing::Request(RequestTiming::ResponseTime)),
    ("turn_time", Timing::TurnTime),
    ("lateness", Timing::Lateness),
    ("loop_lag", Timing::LoopLag),
];

impl Timing {
    pub(super) fn named(name: &str) -> Option<Self> {
        TIMINGS.iter().find(|(known, _)| *known == name).map(|(_, timing)| *timing)
    }

    /// Whether the duration belongs to the generator, not to requests.
    pub(super) fn is_generator(self) -> bool {
        matches!(self, Self::Lateness | Self::LoopLag)
    }
}

impl RequestTiming {
    /// Returns the names of the durations of a request.
    pub(super) fn names() -> impl Iterator<Item = &'static str> {
        let of_request = |(name, timing): &(&'static str, Timing)| match timing {
            Timing::Request(_) => Some(*name),
            Timing::Itl | Timing::ItlPerToken | Timing::TurnTime | Timing::Lateness | Timing::LoopLag => None,
        };
        TIMINGS.iter().filter_map(of_request)
    }
}

impl fmt::Display for Timing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(TIMINGS.iter().find(|(_, known)| known == self).map_or("", |(name, _)| name))
    }
}
