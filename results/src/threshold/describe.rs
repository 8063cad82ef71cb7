//! Descriptions of the figures of thresholds, for the documentation.

use super::measure::{GOODPUT, Measure, SCALARS, Scalar};
use super::request::RequestLimits;
use super::stat::Stat;
use super::timing::{RequestTiming, TIMINGS, Timing};

/// A figure that a threshold can name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FigureDescription {
    /// How it is written: `ttft.p95`, `errors`.
    pub name: String,
    /// The meaning, without a full stop.
    pub meaning: &'static str,
    /// What it is compared with.
    pub bound: &'static str,
}

/// Returns every figure that a threshold can name. Of distributions, any percentile, `mean`, `min` and `max` can be named.
#[must_use]
pub fn figure_descriptions() -> Vec<FigureDescription> {
    let timings = TIMINGS.iter().map(|(name, timing)| FigureDescription {
        name: format!("{name}.p95"),
        meaning: timing.meaning(),
        bound: Measure::Timing(*timing, Stat::Mean).kind().needed(),
    });
    let scalars = SCALARS.iter().map(|(name, scalar)| FigureDescription {
        name: (*name).to_owned(),
        meaning: scalar.meaning(),
        bound: Measure::Scalar(*scalar).kind().needed(),
    });
    let limits = "ttft < 500ms, tpot < 30ms";
    let goodput = RequestLimits::parse(limits).ok().map(|parsed| FigureDescription {
        name: format!("{GOODPUT}({limits})"),
        meaning: "completed requests that meet all of the limits: their share, or their number per second",
        bound: Measure::Goodput(parsed).kind().needed(),
    });
    timings.chain(scalars).chain(goodput).collect()
}

impl Timing {
    fn meaning(self) -> &'static str {
        match self {
            Self::Request(RequestTiming::Ttfb) => {
                "from the first byte sent to the first byte of the response"
            }
            Self::Request(RequestTiming::Ttft) => "from the first byte sent to the first content of a stream",
            Self::Request(RequestTiming::Ttfo) => {
                "from the first byte sent to the first content of a stream that is not reasoning"
            }
            Self::Request(RequestTiming::TtftScheduled) => {
                "from the scheduled start of the request to the first content of a stream"
            }
            Self::Request(RequestTiming::Tpot) => "mean time between the tokens of a stream, per request",
            Self::Request(RequestTiming::E2e) => "from the first byte sent to the end of the response",
            Self::Request(RequestTiming::ResponseTime) => {
                "from the scheduled start of the request to the end of the response"
            }
            Self::Itl => "time between consecutive content events, over all streams",
            Self::ItlPerToken => "time between tokens, where each event carries their number",
            Self::TurnTime => {
                "from the first request of a turn of a conversation to the end of its last response"
            }
            Self::Lateness => "how late the load generator started requests",
            Self::LoopLag => "how long the load generator's event loop was blocked",
        }
    }
}

impl Scalar {
    fn meaning(self) -> &'static str {
        match self {
            Self::Errors => "share of requests that failed",
            Self::Availability => "share of requests that did not fail",
            Self::RateLimited => "share of requests that were rate limited, as expected",
            Self::Failures => "number of requests that failed",
            Self::Requests => "number of requests that ended",
            Self::Rps => "completed requests per second",
            Self::TokensPerSecond => "output tokens per second",
            Self::CostUsd => "cost of the tokens",
            Self::Empty => "share of completed answers without content, reasoning or tool call",
            Self::Unmarked => "share of completed answers that are streams without their end mark",
            Self::Resends => "share of requests that were sent again because their connection was closed",
            Self::Retried => "share of requests that were attempted more than once",
            Self::Retries => "number of attempts after the first ones",
            Self::RequestsPerTurn => "mean number of requests of a turn of a conversation",
            Self::TokensPerEvent => "mean number of tokens of a content event",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::limit::Threshold;
    use super::*;

    #[test]
    fn figure_descriptions_name_every_figure_as_it_is_parsed() {
        let described = figure_descriptions();
        assert_eq!(described.len(), super::super::measure::names().count());
        for figure in described {
            let example = figure.bound.rsplit("such as ").next().unwrap().split([' ', ',']).next().unwrap();
            let text = format!("{} < {example}", figure.name);
            Threshold::parse(&text).unwrap_or_else(|error| panic!("{text}: {error}"));
        }
    }
}
