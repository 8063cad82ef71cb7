//! The running figures of a task.

use std::time::{Duration, Instant};

use weir_results::{Figures, GroundTruth, Histogram, Second, TokenSource};

use super::failure::Problem;
use super::failure_counts::FailureCounts;
use super::gaps::StreamGaps;
use super::sample::{Answer, Sample, ServerTiming, StreamEnding, Tokens, Verdict};
use super::turn::{TurnCounts, TurnRecord};
use super::window_counts::WindowCounts;
use crate::redact::Redaction;

/// The figures so far of the requests of one task, or of several tasks together. Its memory does not depend on the
/// number of requests. [`Series::finish`] returns the published figures.
#[derive(Clone, Debug, Default)]
pub(crate) struct Series {
    completed: u64,
    failed: u64,
    rate_limited: u64,
    failures: FailureCounts,
    input_tokens: u64,
    cached_tokens: u64,
    output_tokens: u64,
    answers_with_usage: u64,
    answers_with_events: u64,
    answers_with_input: u64,
    events: u64,
    /// All events of streams, whatever they held.
    pub(crate) all_events: u64,
    coalesced: u64,
    /// Streams that were read in one piece.
    pub(crate) unread_streams: u64,
    usage_events: u64,
    usage_tokens: u64,
    empty: u64,
    unmarked: u64,
    bodies_cut: u64,
    odd_usage: u64,
    resends: u64,
    /// Requests that were attempted more than once.
    retried: u64,
    retries: u64,
    /// The failed attempts that were followed by another.
    failed_attempts: FailureCounts,
    turns: TurnCounts,
    bytes_sent: u64,
    bytes_received: u64,
    e2e: Histogram,
    response_time: Histogram,
    ttfb: Histogram,
    ttft: Histogram,
    ttft_scheduled: Histogram,
    ttfo: Histogram,
    itl: Histogram,
    itl_per_token: Histogram,
    tpot: Histogram,
    rate_limited_e2e: Histogram,
    ground_truth: Option<GroundTruth>,
    /// The number of completed requests that met each set of limits. Sets at the end that none met are missing.
    good: Vec<u64>,
    /// The shares inside the measured window, including those of requests that started outside it.
    pub(crate) in_window: WindowCounts,
}

/// Adds fields, grouped by how they are merged. Without `..`: a field that is added to `Series` has to be merged, too.
macro_rules! merge_fields {
    ($sum:ident += $part:ident; counts: $($count:ident)*; tokens: $($tokens:ident)*; parts: $($merged:ident)*;
     others: $($other:ident)*) => {
        let Series { $($count,)* $($tokens,)* $($merged,)* $($other,)* } = $part;
        $($sum.$count += $count;)*
        // These come from servers and may be any number.
        $($sum.$tokens = $sum.$tokens.saturating_add(*$tokens);)*
        $($sum.$merged.merge($merged);)*
    };
}

impl Series {
    /// Records a request; `redaction` is that of its failure.
    pub(crate) fn record(&mut self, sample: &Sample, redaction: Redaction<'_>) {
        self.bytes_sent += sample.bytes_sent;
        self.resends += u64::from(sample.sending.resends);
        self.retries += u64::from(sample.sending.retries);
        self.retried += u64::from(sample.sending.retries > 0);
        self.bytes_received += sample.answer.bytes;
        self.events += sample.answer.events;
        self.all_events += sample.answer.all_events;
        self.coalesced += sample.answer.coalesced;
        match &sample.verdict {
            Verdict::Completed => self.record_completed(sample),
            Verdict::RateLimited => {
                self.rate_limited += 1;
                if let Some(sent) = sample.sent {
                    self.rate_limited_e2e.record(sample.ended - sent);
                }
            }
            Verdict::Failed(problem) => {
                self.failed += 1;
                self.failures.count(problem.kind, sample.ended, || problem.example(redaction));
            }
        }
    }

    fn record_completed(&mut self, sample: &Sample) {
        let Sample { answer, intended, ended, .. } = sample;
        let sent = sample.sent.unwrap_or(*intended);
        self.completed += 1;
        self.e2e.record(sample.e2e());
        self.response_time.record(sample.response_time());
        let streamed = [
            (sample.ttfb(), &mut self.ttfb),
            (sample.ttft(), &mut self.ttft),
            (sample.ttft_scheduled(), &mut self.ttft_scheduled),
            (sample.ttfo(), &mut self.ttfo),
            (sample.tpot(), &mut self.tpot),
        ];
        for (value, histogram) in streamed {
            if let Some(value) = value {
                histogram.record(value);
            }
        }
        self.empty += u64::from(answer.is_empty);
        self.unread_streams += u64::from(answer.is_unread_stream);
        match answer.ending {
            StreamEnding::Regular => {}
            StreamEnding::Unmarked => self.unmarked += 1,
            StreamEnding::BodyCut => self.bodies_cut += 1,
        }
        self.odd_usage += u64::from(answer.has_odd_usage);
        // The counts come from the server and may be any number.
        self.output_tokens = self.output_tokens.saturating_add(answer.tokens.count());
        if let Some(count) = answer.input_tokens {
            self.input_tokens = self.input_tokens.saturating_add(count);
            self.cached_tokens = self.cached_tokens.saturating_add(answer.cached_tokens);
            self.answers_with_input += 1;
        }
        match answer.tokens {
            Tokens::Unknown => {}
            Tokens::Usage(count) => {
                self.answers_with_usage += 1;
                if answer.events > 0 {
                    self.usage_events += answer.events;
                    self.usage_tokens = self.usage_tokens.saturating_add(count);
                }
            }
            Tokens::Events(_) => self.answers_with_events += 1,
        }
        if !answer.truth.is_empty() {
            let truth = self.ground_truth.get_or_insert_default();
            // The server times the last attempt alone.
            let sent = sample.sending.last_sent.unwrap_or(sent);
            record_truth(truth, &answer.truth, answer, sent, *ended);
        }
    }

    /// Counts a completed request that met the set of limits at this index.
    pub(crate) fn count_good(&mut self, index: usize) {
        if self.good.len() <= index {
            self.good.resize(index + 1, 0);
        }
        if let Some(count) = self.good.get_mut(index) {
            *count += 1;
        }
    }

    /// Records the gaps of a completed stream.
    pub(crate) fn record_gaps(&mut self, gaps: &StreamGaps) {
        gaps.events.record_in(&mut self.itl);
        gaps.tokens.record_in(&mut self.itl_per_token);
    }

    /// Records a turn of a conversation.
    pub(crate) fn record_turn(&mut self, took: Duration, turn: &TurnRecord) {
        self.turns.record(took, turn);
    }

    /// Counts a failed attempt that is followed by another.
    pub(crate) fn record_failed_attempt(&mut self, problem: &Problem, at: Instant, redaction: Redaction<'_>) {
        self.failed_attempts.count(problem.kind, at, || problem.example(redaction));
    }

    pub(crate) fn merge(&mut self, other: &Series) {
        merge_fields! {
            self += other;
            counts: completed failed rate_limited answers_with_usage answers_with_events answers_with_input events
                all_events coalesced unread_streams usage_events empty unmarked bodies_cut odd_usage resends retried
                retries bytes_sent bytes_received;
            tokens: input_tokens cached_tokens output_tokens usage_tokens;
            parts: failures failed_attempts turns e2e response_time ttfb ttft ttft_scheduled ttfo itl itl_per_token
                tpot rate_limited_e2e in_window;
            others: ground_truth good
        }
        if let Some(ground_truth) = ground_truth {
            self.ground_truth.get_or_insert_default().merge(ground_truth);
        }
        if self.good.len() < good.len() {
            self.good.resize(good.len(), 0);
        }
        self.good.iter_mut().zip(good).for_each(|(ours, theirs)| *ours += theirs);
    }

    /// Returns the number of completed requests that met the set of limits at this index.
    pub(crate) fn good(&self, index: usize) -> u64 {
        self.good.get(index).copied().unwrap_or(0)
    }

    /// Returns a second of the timeline in which these requests ended. The caller sets its time and users.
    pub(crate) fn in_second(&self) -> Second {
        let counts = Second {
            completed: self.completed,
            failed: self.failed,
            rate_limited: self.rate_limited,
            tokens: self.output_tokens,
            bytes_received: self.bytes_received,
            ..Second::default()
        };
        counts.with_latencies(&self.e2e, &self.ttft, &self.itl)
    }

    /// Returns the number of completed requests without a number of input tokens.
    pub(crate) fn without_input_tokens(&self) -> u64 {
        self.completed - self.answers_with_input
    }

    /// Whether requests completed, all of them with answers without content.
    pub(crate) fn is_without_content(&self) -> bool {
        self.completed > 0 && self.empty == self.completed
    }

    /// Returns the number of requests that ended, in any way.
    pub(crate) fn ended(&self) -> u64 {
        self.completed + self.failed + self.rate_limited
    }

    pub(crate) fn failures(&self) -> &FailureCounts {
        &self.failures
    }

    /// Returns the number of requests that failed because no connection could be opened.
    pub(crate) fn unreachable(&self) -> u64 {
        self.failures.unreachable()
    }

    /// Returns the published figures, with the throughput of the shares `inside` a window of `window_s` seconds.
    /// Instants become seconds since `epoch`. The caller adds costs and goodput, which depend on the scenario.
    pub(crate) fn finish(self, in_window: &WindowCounts, window_s: f64, epoch: Instant) -> Figures {
        let per_second = |count: f64| if window_s > 0.0 { count / window_s } else { 0.0 };
        Figures {
            completed: self.completed,
            failed: self.failed,
            rate_limited: self.rate_limited,
            failures: self.failures.finish(epoch),
            rps: per_second(in_window.completed),
            failures_per_second: per_second(in_window.failed),
            input_tokens: self.input_tokens,
            cached_tokens: self.cached_tokens,
            output_tokens: self.output_tokens,
            token_source: match (self.answers_with_usage, self.answers_with_events) {
                (0, 0) => TokenSource::None,
                (_, 0) => TokenSource::Usage,
                (0, _) => TokenSource::Events,
                _ => TokenSource::Mixed,
            },
            tokens_per_second: per_second(in_window.tokens),
            cost_usd: None,
            events: self.events,
            coalesced: self.coalesced,
            usage_events: self.usage_events,
            usage_tokens: self.usage_tokens,
            empty: self.empty,
            unmarked: self.unmarked,
            bodies_cut: self.bodies_cut,
            odd_usage: self.odd_usage,
            resends: self.resends,
            retried: self.retried,
            retries: self.retries,
            failed_attempts: self.failed_attempts.finish(epoch),
            turns: self.turns.turns,
            turn_requests: self.turns.requests,
            turns_cut: self.turns.cut,
            tool_calls: self.turns.tool_calls,
            unknown_tools: self.turns.unknown_tools,
            turn_time: self.turns.time,
            bytes_sent: self.bytes_sent,
            bytes_received: self.bytes_received,
            e2e: self.e2e,
            response_time: self.response_time,
            ttfb: self.ttfb,
            ttft: self.ttft,
            ttft_scheduled: self.ttft_scheduled,
            ttfo: self.ttfo,
            itl: self.itl,
            itl_per_token: self.itl_per_token,
            tpot: self.tpot,
            goodput: Vec::new(),
            rate_limited_e2e: self.rate_limited_e2e,
            ground_truth: self.ground_truth,
        }
    }
}

fn record_truth(
    truth: &mut GroundTruth,
    timing: &ServerTiming,
    answer: &Answer,
    sent: Instant,
    ended: Instant,
) {
    truth.samples += 1;
    if let Some(delivered) = timing.delivered_ttft {
        truth.delivered_ttft.record(delivered);
        if let Some(first) = answer.first_content {
            truth.ttft_error.record(first - sent, delivered);
        }
    }
    if let (Some(_), Some(first)) = (timing.planned_ttft, answer.first_content) {
        truth.measured_ttft.record(first - sent);
    }
    if timing.planned_total.is_some() {
        truth.measured_total.record(ended - sent);
    }
    if let Some(delivered) = timing.delivered_total {
        truth.delivered_total.record(delivered);
        truth.e2e_error.record(ended - sent, delivered);
    }
    let rest = [
        (timing.planned_ttft.filter(|_| answer.first_content.is_some()), &mut truth.planned_ttft),
        (timing.planned_total, &mut truth.planned_total),
        (timing.queue, &mut truth.queue),
    ];
    for (value, histogram) in rest {
        if let Some(value) = value {
            histogram.record(value);
        }
    }
}

#[cfg(test)]
mod tests;
