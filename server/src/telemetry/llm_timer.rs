//! The duration of LLM calls.

use std::time::Instant;

use prometheus_client::metrics::histogram::Histogram;

/// Records the duration of an LLM call when it is dropped, at the end of the answer or when the client
/// has left.
#[derive(Debug)]
#[must_use = "the call lasts as long as this is held"]
pub struct LlmTimer {
    durations: Histogram,
    start: Instant,
}

impl LlmTimer {
    pub(super) fn start(durations: Histogram) -> Self {
        Self { durations, start: Instant::now() }
    }
}

impl Drop for LlmTimer {
    fn drop(&mut self) {
        self.durations.observe(self.start.elapsed().as_secs_f64());
    }
}
