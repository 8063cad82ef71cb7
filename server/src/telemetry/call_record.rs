//! The record of an LLM call: its duration, its tokens and when they came.

use std::{sync::Arc, time::Instant};

use prometheus_client::metrics::histogram::Histogram;
use weir_model::Content;

use super::vllm::{CallTimes, FinishedReason, ModelMetrics};

/// Records an LLM call until it is dropped, at the end of the answer or when the client has left.
#[derive(Debug)]
#[must_use = "the call lasts as long as this is held"]
pub struct CallRecord {
    durations: Histogram,
    start: Instant,
    model: Arc<ModelMetrics>,
    prompt_tokens: u32,
    tokens: u32,
    /// The events that carry the tokens, as many unless events carry several.
    events: u32,
    choices: usize,
    finish: FinishedReason,
    state: CallState,
}

/// How much of an answer was delivered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum CallState {
    Nothing,
    /// Events, but not all.
    Part {
        first: Instant,
        last: Instant,
        events: u32,
    },
    /// All events, the last one at the end.
    Whole,
}

impl CallRecord {
    /// Begins the record of a call that arrived at `start` and is answered with `content`.
    pub(super) fn begin(
        durations: Histogram,
        model: Arc<ModelMetrics>,
        prompt_tokens: u32,
        content: &Content,
        start: Instant,
    ) -> Self {
        model.started(prompt_tokens);
        Self {
            durations,
            start,
            model,
            prompt_tokens,
            tokens: content.token_count(),
            events: content.event_count(),
            choices: content.choices().len(),
            finish: FinishedReason::from(&content.finish()),
            state: CallState::Nothing,
        }
    }

    /// Records the limit of tokens that the request asks for.
    pub(crate) fn max_tokens(&self, max_tokens: u32) {
        self.model.max_tokens(max_tokens);
    }

    /// Records that `events` more events with tokens are delivered at `at`.
    pub fn delivered(&mut self, events: u32, at: Instant) {
        let (first, before, gap) = match self.state {
            CallState::Nothing => (at, 0, None),
            CallState::Part { first, last, events } => {
                (first, events, Some(at.saturating_duration_since(last)))
            }
            CallState::Whole => return,
        };
        let after = before.saturating_add(events);
        let tokens = self.tokens_of(after).saturating_sub(self.tokens_of(before));
        self.model.generated(tokens, events, gap);
        self.state = CallState::Part { first, last: at, events: after };
    }

    /// The tokens of the first `events` events, if all carry about as many.
    fn tokens_of(&self, events: u32) -> u32 {
        let tokens = u64::from(self.tokens) * u64::from(events) / u64::from(self.events.max(1));
        u32::try_from(tokens).unwrap_or(u32::MAX)
    }

    /// Records that the rest of the answer is delivered at `at`.
    pub fn delivered_rest(&mut self, at: Instant) {
        let CallState::Part { first, events, .. } = self.state else { return self.delivered_whole(at, at) };
        if let Some(rest) = self.events.checked_sub(events).filter(|rest| *rest > 0) {
            self.delivered(rest, at);
        }
        self.complete(first, at);
    }

    /// Records that the whole answer is delivered at `end`, and that its first token was due at `first`.
    pub fn delivered_whole(&mut self, first: Instant, end: Instant) {
        let gaps = self.events.saturating_sub(1).max(1);
        self.model.generated_evenly(self.tokens, self.events, end.saturating_duration_since(first) / gaps);
        self.complete(first, end);
    }

    fn complete(&mut self, first: Instant, end: Instant) {
        let since_start = |instant: Instant| instant.saturating_duration_since(self.start);
        let times = CallTimes { ttft: since_start(first), e2e: since_start(end) };
        self.model.completed(times, self.prompt_tokens, self.tokens, self.choices);
        self.state = CallState::Whole;
    }
}

impl Drop for CallRecord {
    fn drop(&mut self) {
        self.durations.observe(self.start.elapsed().as_secs_f64());
        self.model.ended(match self.state {
            CallState::Whole => self.finish,
            CallState::Nothing | CallState::Part { .. } => FinishedReason::Abort,
        });
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use weir_model::{Catalog, Content, Finish, StepSizes};
    use weir_pace::{Amount, Seed};

    use super::*;
    use crate::telemetry::{Exposition, Metrics};

    const MS: Duration = Duration::from_millis(1);

    /// The record of an answer of four tokens, and the metrics that it adds to.
    fn record(start: Instant) -> (Metrics, CallRecord) {
        let metrics = Metrics::new();
        let catalog = Catalog::embedded().unwrap();
        let content = Content::natural(Seed::new(1), 4, Finish::Length);
        let record = metrics.llm_call(catalog.get("instant").unwrap(), 7, &content, start);
        (metrics, record)
    }

    /// The value of a sample of vLLM's metrics, with these labels besides those of the model.
    fn sample(metrics: &Metrics, name: &str, labels: &[&str]) -> f64 {
        let text = metrics.render(Exposition::Prometheus).unwrap();
        let is_it = |line: &&str| {
            line.starts_with(&format!("vllm:{name}{{")) && labels.iter().all(|label| line.contains(label))
        };
        let line = text.lines().find(is_it).unwrap_or_else(|| panic!("{name} {labels:?} is not in {text}"));
        assert!(line.contains(r#"model_name="instant""#) && line.contains(r#"engine="0""#), "{line}");
        line.rsplit(' ').next().unwrap().parse().unwrap()
    }

    #[test]
    fn delivered_events_of_several_tokens_have_one_gap_each() {
        let (start, metrics) = (Instant::now(), Metrics::new());
        let catalog = Catalog::embedded().unwrap();
        let sizes = StepSizes::new(&Amount::constant(4), Seed::new(1));
        let content = Content::natural(Seed::new(1), 10, Finish::Length).with_step_sizes(sizes);
        let mut record = metrics.llm_call(catalog.get("instant").unwrap(), 7, &content, start);
        for at in [100, 130] {
            record.delivered(1, start + at * MS);
        }
        record.delivered_rest(start + 160 * MS);
        drop(record);
        let count = |name: &str| sample(&metrics, name, &[]);
        assert_eq!(
            (count("inter_token_latency_seconds_count"), count("generation_tokens_total")),
            (2.0, 10.0)
        );
        assert!((count("inter_token_latency_seconds_sum") - 0.06).abs() < 1e-9);
        // Per output token, the 60 ms after the first are divided by nine.
        assert!((count("request_time_per_output_token_seconds_sum") - 0.06 / 9.0).abs() < 1e-6);
    }

    #[test]
    fn delivered_tokens_are_counted_with_their_gaps() {
        let start = Instant::now();
        let (metrics, mut record) = record(start);
        assert_eq!(sample(&metrics, "num_requests_running", &[]), 1.0);
        record.delivered(1, start + 100 * MS);
        record.delivered(2, start + 130 * MS);
        record.delivered_rest(start + 190 * MS);
        drop(record);
        let seconds = |name: &str| (sample(&metrics, &format!("{name}_sum"), &[]) * 1e3).round();
        let count = |name: &str| sample(&metrics, &format!("{name}_count"), &[]);
        assert_eq!(
            (seconds("time_to_first_token_seconds"), count("time_to_first_token_seconds")),
            (100.0, 1.0)
        );
        assert_eq!(
            (seconds("inter_token_latency_seconds"), count("inter_token_latency_seconds")),
            (90.0, 3.0)
        );
        assert_eq!(seconds("e2e_request_latency_seconds"), 190.0);
        assert_eq!(seconds("request_decode_time_seconds"), 90.0);
        assert_eq!(seconds("request_time_per_output_token_seconds"), 30.0);
        assert_eq!(sample(&metrics, "prompt_tokens_total", &[]), 7.0);
        assert_eq!(sample(&metrics, "generation_tokens_total", &[]), 4.0);
        assert_eq!(sample(&metrics, "request_success_total", &["length"]), 1.0);
        assert_eq!(sample(&metrics, "num_requests_running", &[]), 0.0);
    }

    #[test]
    fn delivered_whole_counts_even_gaps() {
        let start = Instant::now();
        let (metrics, mut record) = record(start);
        record.delivered_whole(start + 100 * MS, start + 160 * MS);
        let bucket = |bound: &str| {
            sample(&metrics, "inter_token_latency_seconds_bucket", &[&format!("le=\"{bound}\"")])
        };
        assert_eq!((bucket("0.01"), bucket("0.025")), (0.0, 3.0));
        assert_eq!(sample(&metrics, "generation_tokens_total", &[]), 4.0);
    }

    #[test]
    fn drop_before_the_end_is_an_abort() {
        let start = Instant::now();
        let (metrics, mut record) = record(start);
        record.delivered(1, start + 100 * MS);
        drop(record);
        assert_eq!(sample(&metrics, "request_success_total", &["abort"]), 1.0);
        assert_eq!(sample(&metrics, "generation_tokens_total", &[]), 1.0);
        assert_eq!(sample(&metrics, "e2e_request_latency_seconds_count", &[]), 0.0);
    }
}
