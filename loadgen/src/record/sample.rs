//! What is known of one request when it has ended.

use std::time::{Duration, Instant};

use http::StatusCode;
use weir_results::RequestDurations;

use super::failure::Problem;

/// One finished request. Nothing in it is allocated unless it failed.
#[derive(Clone, Debug)]
pub(crate) struct Sample {
    /// The schedule said go.
    pub(crate) intended: Instant,
    /// First byte handed to the socket; `None` when it never came to that.
    pub(crate) sent: Option<Instant>,
    /// First byte of the response.
    pub(crate) first_byte: Option<Instant>,
    /// The answer's end, or the moment of the failure.
    pub(crate) ended: Instant,
    pub(crate) bytes_sent: u64,
    pub(crate) answer: Answer,
    pub(crate) verdict: Verdict,
}

impl Sample {
    /// The first byte handed to the socket, or the instant at which it should have been.
    fn start(&self) -> Instant {
        self.sent.unwrap_or(self.intended)
    }

    /// Service time.
    pub(crate) fn e2e(&self) -> Duration {
        self.ended - self.start()
    }

    pub(crate) fn response_time(&self) -> Duration {
        self.ended - self.intended
    }

    pub(crate) fn ttfb(&self) -> Option<Duration> {
        self.first_byte.map(|first| first - self.start())
    }

    pub(crate) fn ttft(&self) -> Option<Duration> {
        self.answer.first_content.map(|first| first - self.start())
    }

    pub(crate) fn ttft_scheduled(&self) -> Option<Duration> {
        self.answer.first_content.map(|first| first - self.intended)
    }

    pub(crate) fn ttfo(&self) -> Option<Duration> {
        self.answer.first_output.map(|first| first - self.start())
    }

    /// What limits on a single request are compared with.
    pub(crate) fn durations(&self) -> RequestDurations {
        RequestDurations {
            ttfb: self.ttfb(),
            ttft: self.ttft(),
            ttft_scheduled: self.ttft_scheduled(),
            ttfo: self.ttfo(),
            tpot: self.tpot(),
            e2e: self.e2e(),
            response_time: self.response_time(),
        }
    }

    /// (e2e − TTFT) / (output tokens − 1), of a stream of two tokens or more.
    pub(crate) fn tpot(&self) -> Option<Duration> {
        let first = self.answer.first_content?;
        let gaps = u32::try_from(self.answer.tokens.count()).ok()?.checked_sub(1)?;
        (gaps > 0).then(|| (self.ended - first) / gaps)
    }
}

/// What the answer held.
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Answer {
    /// Of its head; `None` where there was none.
    pub(crate) status: Option<StatusCode>,
    pub(crate) bytes: u64,
    /// First content, reasoning or tool call of a stream.
    pub(crate) first_content: Option<Instant>,
    /// First content of a stream that is not reasoning.
    pub(crate) first_output: Option<Instant>,
    pub(crate) tokens: Tokens,
    /// Tokens of the request, where the server tells.
    pub(crate) input_tokens: Option<u64>,
    /// Of these, such as it says came out of a prompt cache.
    pub(crate) cached_tokens: u64,
    pub(crate) events: u64,
    pub(crate) coalesced: u64,
    pub(crate) truth: ServerTiming,
}

/// How many output tokens an answer held, and who says so.
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq)]
pub(crate) enum Tokens {
    #[default]
    Unknown,
    Usage(u64),
    Events(u64),
}

impl Tokens {
    pub(crate) fn count(self) -> u64 {
        match self {
            Self::Unknown => 0,
            Self::Usage(count) | Self::Events(count) => count,
        }
    }
}

/// How a request came out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    Completed,
    RateLimited,
    Failed(Problem),
}

/// What the server said of itself; each metric may be missing.
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct ServerTiming {
    pub(crate) planned_ttft: Option<Duration>,
    pub(crate) delivered_ttft: Option<Duration>,
    pub(crate) planned_total: Option<Duration>,
    pub(crate) delivered_total: Option<Duration>,
    pub(crate) queue: Option<Duration>,
}

impl ServerTiming {
    pub(crate) fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}
