//! What is known of one request when it has ended.

use std::time::{Duration, Instant};

use http::StatusCode;

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
