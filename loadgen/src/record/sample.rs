//! The measurements of a finished request.

use std::time::{Duration, Instant};

use http::StatusCode;
use weir_results::RequestDurations;

use super::failure::Problem;

/// A finished request. Only failures allocate.
#[derive(Clone, Debug)]
pub(crate) struct Sample {
    /// The scheduled start.
    pub(crate) intended: Instant,
    /// The first byte was passed to the socket; `None` if none was.
    pub(crate) sent: Option<Instant>,
    /// The first byte of the response was read.
    pub(crate) first_byte: Option<Instant>,
    /// The end of the response, or the failure.
    pub(crate) ended: Instant,
    pub(crate) bytes_sent: u64,
    pub(crate) sending: Sending,
    pub(crate) answer: Answer,
    pub(crate) verdict: Verdict,
}

/// How often a request was sent.
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Sending {
    /// The first byte was passed to the socket, the last time.
    pub(crate) last_sent: Option<Instant>,
    /// Times that it was sent again because a reused connection was closed before the server received it.
    pub(crate) resends: u32,
    /// Attempts after the first, by the task's retry policy.
    pub(crate) retries: u32,
}

impl Sample {
    /// Returns when the first byte was passed to the socket, or should have been.
    fn start(&self) -> Instant {
        self.sent.unwrap_or(self.intended)
    }

    /// Returns the service time.
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

    /// Returns the durations that are compared with limits on single requests.
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

    /// Returns the mean time between the tokens of a stream: from its first content event to its last, over the tokens
    /// after the first event, if each event carries the number of tokens; otherwise (e2e − TTFT) / (output tokens − 1).
    pub(crate) fn tpot(&self) -> Option<Duration> {
        let first = self.answer.first_content?;
        if let Some(tokens) = self.answer.chunk_tokens {
            let after_first = u32::try_from(tokens.last.checked_sub(tokens.first)?).ok()?;
            return (after_first > 0).then(|| (tokens.last_at - first) / after_first);
        }
        let gaps = u32::try_from(self.answer.tokens.count()).ok()?.checked_sub(1)?;
        (gaps > 0).then(|| (self.ended - first) / gaps)
    }
}

/// The contents of a response.
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Answer {
    /// The status; `None` without a response.
    pub(crate) status: Option<StatusCode>,
    /// When the server allows another attempt, of an answer with an unexpected status.
    pub(crate) retry_after: Option<Duration>,
    pub(crate) bytes: u64,
    /// The first content, reasoning or tool call of a stream.
    pub(crate) first_content: Option<Instant>,
    /// The first content of a stream that is not reasoning.
    pub(crate) first_output: Option<Instant>,
    pub(crate) tokens: Tokens,
    /// The tokens of the request, if the server reports them.
    pub(crate) input_tokens: Option<u64>,
    /// The tokens of the request that the server read from a prompt cache.
    pub(crate) cached_tokens: u64,
    /// The tokens by content event, if each event carries their number.
    pub(crate) chunk_tokens: Option<ChunkTokens>,
    /// The content events of a stream.
    pub(crate) events: u64,
    /// All events of a stream.
    pub(crate) all_events: u64,
    pub(crate) coalesced: u64,
    /// A stream that was read in one piece, because its task does not say that it is one.
    pub(crate) is_unread_stream: bool,
    /// A generated answer without content, reasoning or tool call.
    pub(crate) is_empty: bool,
    pub(crate) ending: StreamEnding,
    /// A token count was not a whole number.
    pub(crate) has_odd_usage: bool,
    pub(crate) truth: ServerTiming,
}

/// How a stream ended.
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq)]
pub(crate) enum StreamEnding {
    /// With its end mark and soon after it its body; plain answers end like this too.
    #[default]
    Regular,
    /// Without its end mark.
    Unmarked,
    /// With its end mark. The body went on, so the connection was closed.
    BodyCut,
}

/// The output tokens so far at two content events of a stream.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub(crate) struct ChunkTokens {
    /// At the first event.
    pub(crate) first: u64,
    /// At the last event that added tokens.
    pub(crate) last: u64,
    pub(crate) last_at: Instant,
}

/// The number of output tokens, and its source.
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

/// The outcome of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    Completed,
    RateLimited,
    Failed(Problem),
}

/// The metrics of `Server-Timing`; each may be missing.
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
