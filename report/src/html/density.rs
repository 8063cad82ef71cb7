//! The density of latencies on a logarithmic axis.

use super::chart::Number;
use weir_results::{Histogram, units};

/// Buckets in each factor of ten: each is 12 % wide.
const BUCKETS_PER_DECADE: f64 = 20.0;
/// Shorter durations count as this one: one microsecond, the resolution of a histogram.
const DURATION_MS_MIN: f64 = 1e-3;

/// The share of each histogram's samples, in per cent, in common buckets.
#[derive(Debug)]
pub(super) struct Density {
    /// The middle of each bucket, in milliseconds.
    pub(super) at: Vec<Number>,
    /// One row per histogram.
    pub(super) shares: Vec<Vec<Option<Number>>>,
}

/// Returns `None` if no histogram has samples. One empty bucket on either side makes every curve begin and end at 0.
pub(super) fn density(histograms: &[&Histogram]) -> Option<Density> {
    let ends = histograms.iter().filter_map(|histogram| Some((histogram.min()?, histogram.max()?)));
    let (min, max) = ends.reduce(|(low, high), (min, max)| (low.min(min), high.max(max)))?;
    let first = bucket(units::to_ms(min)) - 1;
    let last = bucket(units::to_ms(max)) + 1;
    let at =
        (first..=last).map(|place| Number(10_f64.powf((place as f64 + 0.5) / BUCKETS_PER_DECADE))).collect();
    let shares = histograms.iter().map(|histogram| shares(histogram, first, last)).collect();
    Some(Density { at, shares })
}

fn shares(histogram: &Histogram, first: i64, last: i64) -> Vec<Option<Number>> {
    let mut counts = vec![0_u64; usize::try_from(last - first + 1).unwrap_or(0)];
    for (value, count) in histogram.buckets() {
        let place = usize::try_from(bucket(units::to_ms(value)) - first).ok();
        if let Some(sum) = place.and_then(|place| counts.get_mut(place)) {
            *sum += count;
        }
    }
    let all = histogram.count().max(1) as f64;
    counts.into_iter().map(|count| Some(Number(count as f64 * 100.0 / all))).collect()
}

fn bucket(ms: f64) -> i64 {
    (ms.max(DURATION_MS_MIN).log10() * BUCKETS_PER_DECADE).floor() as i64
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn of(values_us: &[u64]) -> Histogram {
        let mut histogram = Histogram::default();
        values_us.iter().for_each(|us| histogram.record(Duration::from_micros(*us)));
        histogram
    }

    #[test]
    fn density_puts_every_sample_into_a_bucket_and_leaves_edges_empty() {
        let (fast, slow) = (of(&[0, 900, 1_000, 1_100]), of(&[2_000_000]));
        let found = density(&[&fast, &slow]).unwrap();
        for row in &found.shares {
            assert_eq!(row.len(), found.at.len());
            let sum: f64 = row.iter().flatten().map(|number| number.0).sum();
            assert!((sum - 100.0).abs() < 1e-9);
            assert_eq!((row.first(), row.last()), (Some(&Some(Number(0.0))), Some(&Some(Number(0.0)))));
        }
    }

    #[test]
    fn density_returns_the_middle_of_each_bucket() {
        let found = density(&[&of(&[100_000])]).unwrap();
        let full = found.shares[0].iter().position(|share| share.unwrap().0 > 99.0).unwrap();
        assert!((found.at[full].0 / 100.0 - 1.0).abs() < 0.07, "{:?}", found.at[full]);
    }

    #[test]
    fn density_without_samples_is_none() {
        assert!(density(&[&Histogram::default()]).is_none());
    }
}
