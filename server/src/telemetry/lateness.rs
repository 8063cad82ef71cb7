//! Lateness: when tokens were written, relative to their deadlines.

use std::time::Instant;

use prometheus_client::{metrics::histogram::Histogram, registry::Registry};

/// Upper bounds in microseconds: fine in the normal range, coarse above.
const BOUNDS_US: [u32; 24] = [
    0, 5, 10, 15, 20, 25, 30, 40, 50, 60, 80, 100, 150, 200, 300, 500, 750, 1_000, 2_000, 5_000, 10_000,
    20_000, 50_000, 200_000,
];

/// The part of an answer in a frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FramePart {
    /// The events before the first token.
    Opening,
    /// The first token, but not the last.
    First,
    /// Tokens in between.
    Middle,
    /// The last token, but not the first.
    Last,
    /// First and last token.
    Whole,
}

/// Instant written minus instant planned, one value per write. Negative if the timer's coalescing window
/// brought a token forward by some microseconds.
#[derive(Debug)]
pub(crate) struct Lateness {
    all: Histogram,
    first: Histogram,
    last: Histogram,
}

impl Lateness {
    pub(super) fn register(registry: &mut Registry) -> Self {
        let mut histogram = |name: &str, help: &str| {
            let histogram = Histogram::new(BOUNDS_US.map(|us| f64::from(us) / 1e6));
            registry.register(name, help, histogram.clone());
            histogram
        };
        Self {
            all: histogram("weir_token_lateness_seconds", "Tokens: instant written minus instant planned"),
            first: histogram("weir_first_token_lateness_seconds", "First tokens: written minus planned"),
            last: histogram("weir_last_token_lateness_seconds", "Last tokens: written minus planned"),
        }
    }

    pub(crate) fn record(&self, part: FramePart, planned: Instant, written: Instant) {
        let late = match written.checked_duration_since(planned) {
            Some(late) => late.as_secs_f64(),
            None => -planned.duration_since(written).as_secs_f64(),
        };
        self.all.observe(late);
        if matches!(part, FramePart::First | FramePart::Whole) {
            self.first.observe(late);
        }
        if matches!(part, FramePart::Last | FramePart::Whole) {
            self.last.observe(late);
        }
    }
}
