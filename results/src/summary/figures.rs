//! The figures of all tasks or of one.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::histogram::{Histogram, SignedHistogram};

/// A run counts failures under at most this many names; others are counted as [`OTHER_FAILURES`].
pub const FAILURE_KINDS_MAX: usize = 32;

/// The name under which failures of other kinds are counted.
pub const OTHER_FAILURES: &str = "other";

/// The name of failures for which this machine, not the target, is to blame: it had no file descriptors or ports left.
pub const GENERATOR_FAILURE: &str = "generator";

/// The figures of one task.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct TaskFigures {
    /// The task's name, unique in the run.
    pub name: String,
    /// Its user class.
    pub class: String,
    /// The HTTP method of its requests.
    pub method: String,
    /// Its figures.
    pub figures: Figures,
}

/// The figures of one user class: its tasks added up.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct ClassFigures {
    /// The class's name.
    pub name: String,
    /// The figures of its tasks.
    pub figures: Figures,
}

/// The figures of the requests that started inside the measured window.
///
/// Latencies are those of completed requests only; a failure is counted, not timed. The rates are per second of
/// [`Window::measured_s`](crate::Window::measured_s): a request that straddles an edge of the window counts by the
/// share of its time that lies inside, so that neither edge distorts them.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Figures {
    /// Requests that were answered and passed every check.
    pub completed: u64,
    /// Failed requests of any kind.
    pub failed: u64,
    /// Answered 429 where the scenario expects it: neither completed nor failed.
    pub rate_limited: u64,
    /// The failures by kind.
    pub failures: BTreeMap<String, FailureCount>,
    /// Completed requests per second.
    pub rps: f64,
    /// Failures per second.
    pub failures_per_second: f64,
    /// Input tokens of completed requests, as reported by the server.
    pub input_tokens: u64,
    /// Of these, tokens from a prompt cache, as reported by the server.
    pub cached_tokens: u64,
    /// Output tokens of completed requests.
    pub output_tokens: u64,
    /// The source of the number of tokens.
    pub token_source: TokenSource,
    /// Output tokens per second.
    pub tokens_per_second: f64,
    /// The cost of the tokens of completed requests, in US dollars; `None` if no task has a model with a price.
    pub cost_usd: Option<f64>,
    /// Content events read; one may carry several tokens.
    pub events: u64,
    /// Of these, events that arrived in one read with the previous event.
    pub coalesced: u64,
    /// Content events of completed streams whose number of tokens the server reported.
    #[serde(default)]
    pub usage_events: u64,
    /// The output tokens of these streams.
    #[serde(default)]
    pub usage_tokens: u64,
    /// Completed answers of a model without content, reasoning or tool call.
    #[serde(default)]
    pub empty: u64,
    /// Completed streams that ended without their end mark.
    #[serde(default)]
    pub unmarked: u64,
    /// Completed streams whose body did not end within 100 ms after the end mark, so that the connection was closed.
    #[serde(default)]
    pub bodies_cut: u64,
    /// Completed answers with a token count that is not a whole number.
    #[serde(default)]
    pub odd_usage: u64,
    /// Times that a request was sent again, because its reused connection was closed before the server received it.
    #[serde(default)]
    pub resends: u64,
    /// Requests that were attempted more than once by the retry policy of their task.
    #[serde(default)]
    pub retried: u64,
    /// Their attempts after the first.
    #[serde(default)]
    pub retries: u64,
    /// The failed attempts that were followed by another, by kind. They are not among the failures.
    #[serde(default)]
    pub failed_attempts: BTreeMap<String, FailureCount>,
    /// Turns of conversations that ended: a user's message, and the requests until the model answered without tool calls.
    #[serde(default)]
    pub turns: u64,
    /// Their requests.
    #[serde(default)]
    pub turn_requests: u64,
    /// Of these turns, those that ended at their limit of requests (`max_loops`) while the model still called tools.
    #[serde(default)]
    pub turns_cut: u64,
    /// Tool calls of these turns.
    #[serde(default)]
    pub tool_calls: u64,
    /// Of these, calls of tools that the scenario does not have.
    #[serde(default)]
    pub unknown_tools: u64,
    /// The duration of these turns, from the first request to the end of the last answer.
    #[serde(default)]
    pub turn_time: Histogram,
    /// Bytes of request bodies.
    pub bytes_sent: u64,
    /// Bytes of response bodies.
    pub bytes_received: u64,
    /// Service time: first byte sent to the end of the answer.
    pub e2e: Histogram,
    /// From the instant at which the request should have started to the end of the answer.
    pub response_time: Histogram,
    /// First byte sent to first byte received.
    pub ttfb: Histogram,
    /// First byte sent to the first event with non-empty content, reasoning or tool call; streams only.
    pub ttft: Histogram,
    /// TTFT from the instant at which the request should have started.
    pub ttft_scheduled: Histogram,
    /// First byte sent to the first non-empty *output* content, which reasoning is not; streams only.
    pub ttfo: Histogram,
    /// Gaps between consecutive content events, pooled over requests.
    pub itl: Histogram,
    /// Times between consecutive tokens, of streams whose content events carry the number of tokens so far: the tokens
    /// of one event share the gap before it.
    #[serde(default)]
    pub itl_per_token: Histogram,
    /// (e2e − TTFT) / (output tokens − 1) of each stream of two tokens or more; where the content events carry how many
    /// tokens there are so far, (last − first event) / (tokens after the first event).
    pub tpot: Histogram,
    /// Requests that met the requested limits.
    pub goodput: Vec<Goodput>,
    /// Service times of the rate-limited requests.
    pub rate_limited_e2e: Histogram,
    /// The delays that the server reported, if it did.
    pub ground_truth: Option<GroundTruth>,
}

impl Figures {
    /// Returns the number of requests that ended in any way.
    #[must_use]
    pub fn ended(&self) -> u64 {
        self.completed + self.failed + self.rate_limited
    }

    /// Returns the mean number of tokens of a content event; `None` if the server reported no tokens of streams.
    #[must_use]
    pub fn tokens_per_event(&self) -> Option<f64> {
        (self.usage_events > 0).then(|| self.usage_tokens as f64 / self.usage_events as f64)
    }

    /// Returns the mean number of requests of a turn of a conversation; `None` without one.
    #[must_use]
    pub fn requests_per_turn(&self) -> Option<f64> {
        (self.turns > 0).then(|| self.turn_requests as f64 / self.turns as f64)
    }

    /// Returns the share of the input tokens that came from a prompt cache; `None` if none did.
    #[must_use]
    pub fn cached_share(&self) -> Option<f64> {
        let is_cached = self.cached_tokens > 0 && self.input_tokens > 0;
        is_cached.then(|| (self.cached_tokens as f64 / self.input_tokens as f64).min(1.0))
    }

    /// Returns `part` as a share of all requests that ended; `None` if none did.
    pub fn share(&self, part: u64) -> Option<f64> {
        let ended = self.ended();
        (ended > 0).then(|| part as f64 / ended as f64)
    }

    /// Returns the goodput of `good` completed requests that met these limits. Their rate is their share of the rate of
    /// all completed ones, so that the edges of the window distort it no more than that.
    pub fn goodput_of(&self, limits: String, good: u64) -> Goodput {
        let of_completed = if self.completed == 0 { 0.0 } else { good as f64 / self.completed as f64 };
        let share = self.share(good).unwrap_or_default();
        Goodput { limits, good, share, per_second: self.rps * of_completed }
    }
}

/// How many requests met a set of limits.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Goodput {
    /// The limits, all of which a request had to meet: `ttft < 500ms, tpot < 30ms`.
    pub limits: String,
    /// Completed requests that met them.
    pub good: u64,
    /// Their share of all requests that ended: failed and rate-limited requests did not meet them.
    pub share: f64,
    /// Such requests per second.
    pub per_second: f64,
}

/// How often a kind of failure occurred.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct FailureCount {
    /// The number of failures.
    pub count: u64,
    /// Seconds since the run began, at the first failure.
    pub first_s: f64,
    /// Seconds since the run began, at the last failure.
    pub last_s: f64,
    /// The message of the first failure, without secrets, at most 200 characters.
    pub example: String,
}

/// The source of the number of output tokens.
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum TokenSource {
    /// No tokens were counted.
    #[default]
    None,
    /// The server's `usage`.
    Usage,
    /// The number of content events.
    Events,
    /// Some from `usage`, some from events.
    Mixed,
}

impl fmt::Display for TokenSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::None => "none",
            Self::Usage => "usage",
            Self::Events => "events",
            Self::Mixed => "usage and events",
        })
    }
}

/// The delays that the server reported (`Server-Timing`), and the difference to the client's view.
///
/// The errors are *client − delivered*, request by request: an upper bound of the instrument's error, because they
/// include the network and the server's accept too. They keep their sign.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct GroundTruth {
    /// Completed requests whose answer carried `Server-Timing`.
    pub samples: u64,
    /// TTFT of the client − delivered TTFT.
    pub ttft_error: SignedHistogram,
    /// e2e of the client − delivered total.
    pub e2e_error: SignedHistogram,
    /// How long requests waited in the server's queue.
    pub queue: Histogram,
    /// TTFT of the client, of the requests in `planned_ttft`.
    #[serde(default)]
    pub measured_ttft: Histogram,
    /// e2e of the client, of the requests in `planned_total`.
    #[serde(default)]
    pub measured_total: Histogram,
    /// When the first token was due.
    pub planned_ttft: Histogram,
    /// When its bytes had been written.
    pub delivered_ttft: Histogram,
    /// When the answer's last token was due.
    pub planned_total: Histogram,
    /// When its bytes had been written.
    pub delivered_total: Histogram,
}

impl GroundTruth {
    /// Returns the client's and the planned TTFT of the same requests; `None` if no server planned one, and in summaries of
    /// versions that did not keep the client's.
    #[must_use]
    pub fn ttft_as_planned(&self) -> Option<(&Histogram, &Histogram)> {
        same_requests(&self.measured_ttft, &self.planned_ttft)
    }

    /// Returns the client's e2e and the planned total of the same requests, as [`ttft_as_planned`](Self::ttft_as_planned).
    #[must_use]
    pub fn total_as_planned(&self) -> Option<(&Histogram, &Histogram)> {
        same_requests(&self.measured_total, &self.planned_total)
    }

    /// Adds the ground truth of other requests.
    pub fn merge(&mut self, other: &Self) {
        // Without `..`: a new field has to be merged here.
        let Self {
            samples,
            ttft_error,
            e2e_error,
            queue,
            measured_ttft,
            measured_total,
            planned_ttft,
            delivered_ttft,
            planned_total,
            delivered_total,
        } = other;
        self.samples += samples;
        self.ttft_error.merge(ttft_error);
        self.e2e_error.merge(e2e_error);
        self.queue.merge(queue);
        self.measured_ttft.merge(measured_ttft);
        self.measured_total.merge(measured_total);
        self.planned_ttft.merge(planned_ttft);
        self.delivered_ttft.merge(delivered_ttft);
        self.planned_total.merge(planned_total);
        self.delivered_total.merge(delivered_total);
    }
}

/// Returns both histograms if they hold as many requests, and at least one.
fn same_requests<'a>(
    measured: &'a Histogram,
    planned: &'a Histogram,
) -> Option<(&'a Histogram, &'a Histogram)> {
    let is_comparable = !planned.is_empty() && measured.count() == planned.count();
    is_comparable.then_some((measured, planned))
}
