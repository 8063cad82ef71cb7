//! Limits that one request meets or breaks.

use std::fmt;
use std::time::Duration;

use super::bound::{Bound, Comparison};
use super::timing::{RequestTiming, Timing};

/// Limits on the durations of a single request, all of which it must meet: `ttft < 500ms, tpot < 30ms`.
#[derive(Clone, Debug, PartialEq)]
pub struct RequestLimits(Vec<RequestLimit>);

/// A limit on one duration.
#[derive(Copy, Clone, Debug, PartialEq)]
pub struct RequestLimit {
    pub(super) timing: RequestTiming,
    pub(super) comparison: Comparison,
    pub(super) bound: Duration,
}

/// The durations of a single request; a plain answer has no first token, for example.
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq)]
pub struct RequestDurations {
    /// First byte sent to first byte received.
    pub ttfb: Option<Duration>,
    /// First byte sent to the first content of a stream.
    pub ttft: Option<Duration>,
    /// Intended start to the first content of a stream.
    pub ttft_scheduled: Option<Duration>,
    /// First byte sent to the first output content of a stream, which reasoning is not.
    pub ttfo: Option<Duration>,
    /// Mean time between the tokens of a stream.
    pub tpot: Option<Duration>,
    /// First byte sent to the end of the answer.
    pub e2e: Duration,
    /// Intended start to the end of the answer.
    pub response_time: Duration,
}

impl RequestLimits {
    pub(super) fn new(limits: Vec<RequestLimit>) -> Self {
        Self(limits)
    }

    /// The limit on the service time alone.
    pub fn of_e2e(bound: Duration) -> Self {
        Self(vec![RequestLimit { timing: RequestTiming::E2e, comparison: Comparison::AtMost, bound }])
    }

    /// Appends other limits.
    pub fn and(mut self, others: Self) -> Self {
        self.0.extend(others.0);
        self
    }

    /// Whether a request met all limits. A missing duration breaks its limit.
    pub fn met_by(&self, request: &RequestDurations) -> bool {
        self.first_broken(request).is_none()
    }

    /// Returns the first limit that a request broke.
    pub fn first_broken(&self, request: &RequestDurations) -> Option<&RequestLimit> {
        self.0.iter().find(|limit| !limit.met_by(request))
    }
}

impl RequestLimit {
    fn met_by(&self, request: &RequestDurations) -> bool {
        self.measured(request).is_some_and(|measured| {
            self.comparison.holds(measured.as_nanos() as f64, self.bound.as_nanos() as f64)
        })
    }

    /// Returns the limited duration, if the request has it.
    pub fn measured(&self, request: &RequestDurations) -> Option<Duration> {
        match self.timing {
            RequestTiming::Ttfb => request.ttfb,
            RequestTiming::Ttft => request.ttft,
            RequestTiming::Ttfo => request.ttfo,
            RequestTiming::TtftScheduled => request.ttft_scheduled,
            RequestTiming::Tpot => request.tpot,
            RequestTiming::E2e => Some(request.e2e),
            RequestTiming::ResponseTime => Some(request.response_time),
        }
    }
}

impl fmt::Display for RequestLimit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (timing, bound) = (Timing::Request(self.timing), Bound::Time(self.bound));
        write!(f, "{timing} {} {bound}", self.comparison)
    }
}

impl fmt::Display for RequestLimits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, limit) in self.0.iter().enumerate() {
            let separator = if place > 0 { ", " } else { "" };
            write!(f, "{separator}{limit}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn ms(ms: u64) -> Duration {
        Duration::from_millis(ms)
    }

    /// Sent 5 ms late, first token 100 ms and end 500 ms later, five tokens.
    const STREAM: RequestDurations = RequestDurations {
        ttfb: Some(ms(10)),
        ttft: Some(ms(100)),
        ttft_scheduled: Some(ms(105)),
        ttfo: None,
        tpot: Some(ms(100)),
        e2e: ms(500),
        response_time: ms(505),
    };

    #[test]
    fn met_by_with_one_broken_limit_is_false() {
        for (limits, kept) in [
            ("ttft < 101ms, tpot <= 100ms", true),
            ("ttft < 101ms, tpot < 100ms", false),
            ("ttft_scheduled < 105ms", false),
            ("ttft_scheduled <= 105ms, ttfb < 11ms", true),
            ("e2e <= 500ms", true),
            ("response_time <= 500ms", false),
            ("e2e >= 500ms, e2e > 499ms", true),
        ] {
            assert_eq!(RequestLimits::parse(limits).unwrap().met_by(&STREAM), kept, "{limits}");
        }
    }

    #[test]
    fn met_by_without_the_duration_is_false() {
        let (e2e, response_time) = (ms(500), ms(505));
        let plain = RequestDurations { e2e, response_time, ..RequestDurations::default() };
        for limits in ["ttft < 1h", "ttfo > 0s", "tpot < 1h", "ttfb < 1h", "ttft_scheduled < 1h"] {
            assert!(!RequestLimits::parse(limits).unwrap().met_by(&plain), "{limits}");
        }
        assert!(RequestLimits::parse("e2e < 1h").unwrap().met_by(&plain));
    }
}
