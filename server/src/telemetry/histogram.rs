//! A histogram that threads add to without locks, also several equal values at once.

use std::{
    fmt,
    sync::atomic::{AtomicU64, Ordering},
};

use prometheus_client::encoding::{MetricEncoder, NoLabelSet};

/// A histogram of whole numbers: nanoseconds or tokens.
#[derive(Debug)]
pub(super) struct AtomicHistogram {
    /// Upper bounds, ascending.
    bounds: Box<[u64]>,
    /// The values of each bucket alone; the last one is of those above all bounds.
    counts: Box<[AtomicU64]>,
    sum: AtomicU64,
    /// What one is worth in the unit that is written: 1e-9 for nanoseconds written as seconds.
    scale: f64,
}

impl AtomicHistogram {
    /// A histogram of durations in nanoseconds, with bounds in seconds.
    pub(super) fn of_seconds(bounds: &[f64]) -> Self {
        Self::new(bounds.iter().map(|seconds| (seconds * 1e9).round() as u64), 1e-9)
    }

    /// A histogram of numbers of tokens.
    pub(super) fn of_tokens(bounds: impl IntoIterator<Item = u64>) -> Self {
        Self::new(bounds, 1.0)
    }

    fn new(bounds: impl IntoIterator<Item = u64>, scale: f64) -> Self {
        let bounds: Box<[u64]> = bounds.into_iter().collect();
        let counts = (0..=bounds.len()).map(|_| AtomicU64::new(0)).collect();
        Self { bounds, counts, sum: AtomicU64::new(0), scale }
    }

    /// Adds `value` `count` times.
    pub(super) fn observe(&self, value: u64, count: u64) {
        let bucket = self.bounds.partition_point(|bound| *bound < value);
        if let Some(bucket) = self.counts.get(bucket) {
            bucket.fetch_add(count, Ordering::Relaxed);
        }
        self.sum.fetch_add(value.saturating_mul(count), Ordering::Relaxed);
    }

    pub(super) fn encode(&self, encoder: &mut MetricEncoder<'_>) -> fmt::Result {
        let bounds = self.bounds.iter().map(|bound| *bound as f64 * self.scale).chain([f64::MAX]);
        let counts = self.counts.iter().map(|count| count.load(Ordering::Relaxed));
        let buckets: Vec<(f64, u64)> = bounds.zip(counts).collect();
        let count = buckets.iter().map(|(_, count)| count).sum();
        let sum = self.sum.load(Ordering::Relaxed) as f64 * self.scale;
        encoder.encode_histogram::<NoLabelSet>(sum, count, &buckets, None)
    }
}

/// Bounds 1, 2, 5, 10, 20, 50 … up to `max`.
pub(super) fn bounds_1_2_5(max: u64) -> impl Iterator<Item = u64> {
    let powers = (0..20).map_while(|exponent| 10_u64.checked_pow(exponent));
    let bounds =
        powers.flat_map(|power| [1, 2, 5].into_iter().filter_map(move |digit| power.checked_mul(digit)));
    bounds.take_while(move |bound| *bound <= max)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counts(histogram: &AtomicHistogram) -> Vec<u64> {
        histogram.counts.iter().map(|count| count.load(Ordering::Relaxed)).collect()
    }

    #[test]
    fn observe_counts_values_up_to_each_bound() {
        let histogram = AtomicHistogram::of_tokens([1, 10]);
        for (value, count) in [(0, 1), (1, 2), (2, 1), (10, 1), (11, 4)] {
            histogram.observe(value, count);
        }
        assert_eq!(counts(&histogram), [3, 2, 4]);
        assert_eq!(histogram.sum.load(Ordering::Relaxed), 2 + 2 + 10 + 44);
    }

    #[test]
    fn of_seconds_has_bounds_in_nanoseconds() {
        let histogram = AtomicHistogram::of_seconds(&[0.001, 2.5]);
        histogram.observe(1_000_000, 1);
        histogram.observe(1_000_001, 1);
        assert_eq!(counts(&histogram), [1, 1, 0]);
    }

    #[test]
    fn bounds_1_2_5_end_at_the_maximum() {
        assert_eq!(bounds_1_2_5(100).collect::<Vec<_>>(), [1, 2, 5, 10, 20, 50, 100]);
        assert_eq!(bounds_1_2_5(99).last(), Some(50));
        assert_eq!(bounds_1_2_5(u64::MAX).last(), Some(10_000_000_000_000_000_000));
    }
}
