//! Limits that one request keeps or breaks.

use std::fmt;
use std::time::Duration;

use super::bound::{Bound, Comparison};
use super::error::ThresholdError;
use super::measure::{RequestTiming, Timing};
use super::parse;
use crate::record::Sample;

/// Limits on the durations of a single request, all of which it has to keep: `ttft < 500ms, tpot < 30ms`.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct RequestLimits(Vec<RequestLimit>);

/// A limit on one duration.
#[derive(Copy, Clone, Debug, PartialEq)]
pub(crate) struct RequestLimit {
    pub(super) timing: RequestTiming,
    pub(super) comparison: Comparison,
    pub(super) bound: Duration,
}

impl RequestLimits {
    /// Reads `ttft < 500ms, tpot < 30ms`.
    ///
    /// # Errors
    ///
    /// It is something else; the error points at the character.
    pub(crate) fn parse(text: &str) -> Result<Self, ThresholdError> {
        parse::request_limits(text)
    }

    pub(super) fn new(limits: Vec<RequestLimit>) -> Self {
        Self(limits)
    }

    /// The limit on the service time alone.
    pub(crate) fn of_e2e(bound: Duration) -> Self {
        Self(vec![RequestLimit { timing: RequestTiming::E2e, comparison: Comparison::AtMost, bound }])
    }

    /// These, and then the others.
    pub(crate) fn and(mut self, others: Self) -> Self {
        self.0.extend(others.0);
        self
    }

    /// Whether a request kept all of them. A duration that it does not have breaks its limit.
    pub(crate) fn met_by(&self, sample: &Sample) -> bool {
        self.first_broken(sample).is_none()
    }

    /// The first one that a request broke.
    pub(crate) fn first_broken(&self, sample: &Sample) -> Option<&RequestLimit> {
        self.0.iter().find(|limit| !limit.met_by(sample))
    }
}

impl RequestLimit {
    fn met_by(&self, sample: &Sample) -> bool {
        self.measured(sample).is_some_and(|measured| {
            self.comparison.holds(measured.as_nanos() as f64, self.bound.as_nanos() as f64)
        })
    }

    /// The duration that it limits, where the request has it.
    pub(crate) fn measured(&self, sample: &Sample) -> Option<Duration> {
        match self.timing {
            RequestTiming::Ttfb => sample.ttfb(),
            RequestTiming::Ttft => sample.ttft(),
            RequestTiming::Ttfo => sample.ttfo(),
            RequestTiming::TtftScheduled => sample.ttft_scheduled(),
            RequestTiming::Tpot => sample.tpot(),
            RequestTiming::E2e => Some(sample.e2e()),
            RequestTiming::ResponseTime => Some(sample.response_time()),
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
    use std::time::Instant;

    use super::*;
    use crate::record::{Answer, Tokens, Verdict};

    /// Intended at zero, sent after 5 ms, first token 100 ms and end 500 ms later, five tokens.
    fn stream() -> Sample {
        let intended = Instant::now();
        let sent = intended + Duration::from_millis(5);
        Sample {
            intended,
            sent: Some(sent),
            first_byte: Some(sent + Duration::from_millis(10)),
            ended: sent + Duration::from_millis(500),
            bytes_sent: 0,
            answer: Answer {
                first_content: Some(sent + Duration::from_millis(100)),
                tokens: Tokens::Usage(5),
                ..Answer::default()
            },
            verdict: Verdict::Completed,
        }
    }

    #[test]
    fn every_limit_has_to_be_kept() {
        let sample = stream();
        for (limits, kept) in [
            ("ttft < 101ms, tpot <= 100ms", true),
            ("ttft < 101ms, tpot < 100ms", false),
            ("ttft_scheduled < 105ms", false),
            ("ttft_scheduled <= 105ms, ttfb < 11ms", true),
            ("e2e <= 500ms", true),
            ("response_time <= 500ms", false),
            ("e2e >= 500ms, e2e > 499ms", true),
        ] {
            assert_eq!(RequestLimits::parse(limits).unwrap().met_by(&sample), kept, "{limits}");
        }
    }

    #[test]
    fn a_duration_that_is_missing_breaks_its_limit() {
        let plain = Sample { answer: Answer::default(), first_byte: None, ..stream() };
        for limits in ["ttft < 1h", "ttfo > 0s", "tpot < 1h", "ttfb < 1h", "ttft_scheduled < 1h"] {
            assert!(!RequestLimits::parse(limits).unwrap().met_by(&plain), "{limits}");
        }
        assert!(RequestLimits::parse("e2e < 1h").unwrap().met_by(&plain));
    }
}
