//! The running figures of one task.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use crate::summary::{FailureCount, Figures, GroundTruth, TokenSource};

use super::failure::{FailureKind, Problem};
use super::inside::Inside;
use super::sample::{Answer, Sample, ServerTiming, Tokens, Verdict};

/// Failures are counted under at most this many names; others are folded into [`FailureKind::Other`].
pub(crate) const FAILURE_KINDS: usize = 32;

/// The longest example of a failure, in characters.
const EXAMPLE_CHARS: usize = 200;

/// The figures of one task, or of several added up. Its memory does not depend on the number of requests.
#[derive(Clone, Debug, Default)]
pub(crate) struct Series {
    /// Everything that is a plain sum; its failures, rates and token source stay unset until the end.
    figures: Figures,
    failures: BTreeMap<FailureKind, Failures>,
    answers_with_usage: u64,
    answers_with_events: u64,
    answers_with_input: u64,
    /// Completed requests that kept each set of limits; as long as the last set of which one was kept.
    good: Vec<u64>,
    /// What fell inside the measured window, of requests that began outside of it too.
    pub(crate) inside: Inside,
}

/// The failures of one kind.
#[derive(Clone, Debug)]
struct Failures {
    count: u64,
    /// What the first one said.
    example: String,
    first: Instant,
    last: Instant,
}

impl Series {
    pub(crate) fn record(&mut self, sample: &Sample) {
        let figures = &mut self.figures;
        figures.bytes_sent += sample.bytes_sent;
        figures.bytes_received += sample.answer.bytes;
        figures.events += sample.answer.events;
        figures.coalesced += sample.answer.coalesced;
        match &sample.verdict {
            Verdict::Completed => self.record_completed(sample),
            Verdict::RateLimited => {
                figures.rate_limited += 1;
                if let Some(sent) = sample.sent {
                    figures.rate_limited_e2e.record(sample.ended - sent);
                }
            }
            Verdict::Failed(problem) => {
                figures.failed += 1;
                self.count_failure(problem, sample.ended);
            }
        }
    }

    fn record_completed(&mut self, sample: &Sample) {
        let Sample { answer, intended, ended, .. } = sample;
        let sent = sample.sent.unwrap_or(*intended);
        let figures = &mut self.figures;
        figures.completed += 1;
        figures.e2e.record(sample.e2e());
        figures.response_time.record(sample.response_time());
        let streamed = [
            (sample.ttfb(), &mut figures.ttfb),
            (sample.ttft(), &mut figures.ttft),
            (sample.ttft_scheduled(), &mut figures.ttft_scheduled),
            (sample.ttfo(), &mut figures.ttfo),
            (sample.tpot(), &mut figures.tpot),
        ];
        for (value, histogram) in streamed {
            if let Some(value) = value {
                histogram.record(value);
            }
        }
        // Counts come from the server, which may say anything.
        figures.output_tokens = figures.output_tokens.saturating_add(answer.tokens.count());
        if let Some(count) = answer.input_tokens {
            figures.input_tokens = figures.input_tokens.saturating_add(count);
            figures.cached_tokens = figures.cached_tokens.saturating_add(answer.cached_tokens);
            self.answers_with_input += 1;
        }
        match answer.tokens {
            Tokens::Unknown => {}
            Tokens::Usage(_) => self.answers_with_usage += 1,
            Tokens::Events(_) => self.answers_with_events += 1,
        }
        if !answer.truth.is_empty() {
            let truth = figures.ground_truth.get_or_insert_default();
            record_truth(truth, &answer.truth, answer, sent, *ended);
        }
    }

    /// A completed request kept the set of limits at this place.
    pub(crate) fn count_good(&mut self, place: usize) {
        if self.good.len() <= place {
            self.good.resize(place + 1, 0);
        }
        if let Some(count) = self.good.get_mut(place) {
            *count += 1;
        }
    }

    /// A gap between two content events.
    pub(crate) fn record_gap(&mut self, gap: Duration) {
        self.figures.itl.record(gap);
    }

    fn count_failure(&mut self, problem: &Problem, at: Instant) {
        let kind = self.counted_as(problem.kind);
        let entry = self.failures.entry(kind).or_insert_with(|| Failures {
            count: 0,
            example: problem.detail.chars().take(EXAMPLE_CHARS).collect(),
            first: at,
            last: at,
        });
        entry.count += 1;
        entry.last = entry.last.max(at);
    }

    fn counted_as(&self, kind: FailureKind) -> FailureKind {
        let known = self.failures.contains_key(&kind) || self.failures.len() < FAILURE_KINDS - 1;
        if known { kind } else { FailureKind::Other }
    }

    pub(crate) fn merge(&mut self, other: &Series) {
        merge_figures(&mut self.figures, &other.figures);
        for (kind, failure) in &other.failures {
            let kind = self.counted_as(*kind);
            let entry = self.failures.entry(kind).or_insert_with(|| Failures { count: 0, ..failure.clone() });
            entry.count += failure.count;
            entry.first = entry.first.min(failure.first);
            entry.last = entry.last.max(failure.last);
        }
        self.answers_with_usage += other.answers_with_usage;
        self.answers_with_events += other.answers_with_events;
        self.answers_with_input += other.answers_with_input;
        if self.good.len() < other.good.len() {
            self.good.resize(other.good.len(), 0);
        }
        self.good.iter_mut().zip(&other.good).for_each(|(ours, theirs)| *ours += theirs);
        self.inside.merge(&other.inside);
    }

    /// How many completed requests kept the set of limits at this place.
    pub(crate) fn good(&self, place: usize) -> u64 {
        self.good.get(place).copied().unwrap_or(0)
    }

    /// The sums so far.
    pub(crate) fn sums(&self) -> &Figures {
        &self.figures
    }

    /// How many completed requests did not say how many tokens were read.
    pub(crate) fn without_input_tokens(&self) -> u64 {
        self.figures.completed - self.answers_with_input
    }

    /// How many requests ended in any way.
    pub(crate) fn ended(&self) -> u64 {
        self.figures.ended()
    }

    /// How many requests failed because no connection came about.
    pub(crate) fn unreachable(&self) -> u64 {
        self.failures.iter().filter(|(kind, _)| kind.is_unreachable()).map(|(_, failure)| failure.count).sum()
    }

    /// The finished figures, with the throughput of what fell `inside` a window of `window_s` seconds. Instants become
    /// seconds since `epoch`.
    pub(crate) fn finish(mut self, inside: &Inside, window_s: f64, epoch: Instant) -> Figures {
        let per_second = |count: f64| if window_s > 0.0 { count / window_s } else { 0.0 };
        self.figures.rps = per_second(inside.completed);
        self.figures.failures_per_second = per_second(inside.failed);
        self.figures.tokens_per_second = per_second(inside.tokens);
        let since = |at: Instant| at.saturating_duration_since(epoch).as_secs_f64();
        let failures = self.failures.into_iter().map(|(kind, of_kind)| {
            let Failures { count, example, first, last } = of_kind;
            let counted = FailureCount { count, example, first_s: since(first), last_s: since(last) };
            (kind.to_string(), counted)
        });
        self.figures.failures = failures.collect();
        self.figures.token_source = match (self.answers_with_usage, self.answers_with_events) {
            (0, 0) => TokenSource::None,
            (_, 0) => TokenSource::Usage,
            (0, _) => TokenSource::Events,
            _ => TokenSource::Mixed,
        };
        self.figures
    }
}

fn record_truth(
    truth: &mut GroundTruth,
    said: &ServerTiming,
    answer: &Answer,
    sent: Instant,
    ended: Instant,
) {
    truth.samples += 1;
    if let Some(delivered) = said.delivered_ttft {
        truth.delivered_ttft.record(delivered);
        if let Some(first) = answer.first_content {
            truth.ttft_error.record(first - sent, delivered);
        }
    }
    if let Some(delivered) = said.delivered_total {
        truth.delivered_total.record(delivered);
        truth.e2e_error.record(ended - sent, delivered);
    }
    let rest = [
        (said.planned_ttft, &mut truth.planned_ttft),
        (said.planned_total, &mut truth.planned_total),
        (said.queue, &mut truth.queue),
    ];
    for (value, histogram) in rest {
        if let Some(value) = value {
            histogram.record(value);
        }
    }
}

/// Adds everything that is a plain sum: not the rates, the failures by kind, and the source of tokens.
pub(crate) fn merge_figures(ours: &mut Figures, theirs: &Figures) {
    ours.completed += theirs.completed;
    ours.failed += theirs.failed;
    ours.rate_limited += theirs.rate_limited;
    ours.input_tokens = ours.input_tokens.saturating_add(theirs.input_tokens);
    ours.cached_tokens = ours.cached_tokens.saturating_add(theirs.cached_tokens);
    ours.output_tokens = ours.output_tokens.saturating_add(theirs.output_tokens);
    ours.events += theirs.events;
    ours.coalesced += theirs.coalesced;
    ours.bytes_sent += theirs.bytes_sent;
    ours.bytes_received += theirs.bytes_received;
    ours.e2e.merge(&theirs.e2e);
    ours.response_time.merge(&theirs.response_time);
    ours.ttfb.merge(&theirs.ttfb);
    ours.ttft.merge(&theirs.ttft);
    ours.ttft_scheduled.merge(&theirs.ttft_scheduled);
    ours.ttfo.merge(&theirs.ttfo);
    ours.itl.merge(&theirs.itl);
    ours.tpot.merge(&theirs.tpot);
    ours.rate_limited_e2e.merge(&theirs.rate_limited_e2e);
    if let Some(truth) = &theirs.ground_truth {
        merge_truth(ours.ground_truth.get_or_insert_default(), truth);
    }
}

fn merge_truth(ours: &mut GroundTruth, theirs: &GroundTruth) {
    ours.samples += theirs.samples;
    ours.ttft_error.merge(&theirs.ttft_error);
    ours.e2e_error.merge(&theirs.e2e_error);
    ours.queue.merge(&theirs.queue);
    ours.planned_ttft.merge(&theirs.planned_ttft);
    ours.delivered_ttft.merge(&theirs.delivered_ttft);
    ours.planned_total.merge(&theirs.planned_total);
    ours.delivered_total.merge(&theirs.delivered_total);
}

#[cfg(test)]
mod tests;
