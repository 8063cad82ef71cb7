//! Durations in bounded memory: an HdrHistogram of microseconds.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use hdrhistogram::Histogram as Hdr;
use hdrhistogram::serialization::{Deserializer, Serializer as _, V2DeflateSerializer};
use serde::{Deserialize, Serialize};

use super::error::HistogramError;
use super::limits::{charge, check};

/// Three significant digits: the error of a recorded value is at most 0.1 %.
const SIGNIFICANT_DIGITS: u8 = 3;

/// Longer durations are recorded as this one (24 hours).
const DURATION_US_MAX: u64 = 24 * 3600 * 1_000_000;

/// Durations with three significant digits, in microseconds.
///
/// An empty histogram uses no memory. It is serialised as its usual figures (`count`, `mean_us`, `p50_us`…, each
/// only if there are enough samples for it) and as `hdr`: HdrHistogram V2, deflated, base64, in
/// microseconds, from which it is read back without loss.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize)]
#[serde(try_from = "SavedHistogram", into = "SavedHistogram")]
pub struct Histogram {
    hdr: Option<Box<Hdr<u64>>>,
}

impl Histogram {
    /// Adds one duration.
    pub fn record(&mut self, value: Duration) {
        self.record_us(u64::try_from(value.as_micros()).unwrap_or(u64::MAX));
    }

    /// Adds one duration `count` times.
    pub fn record_times(&mut self, value: Duration, count: u64) {
        let value_us = u64::try_from(value.as_micros()).unwrap_or(u64::MAX);
        let recorded = self.hdr.get_or_insert_with(empty).record_n(value_us.min(DURATION_US_MAX), count);
        debug_assert!(recorded.is_ok(), "a histogram that resizes itself takes any value up to the longest");
    }

    /// Adds one duration in microseconds.
    pub fn record_us(&mut self, value_us: u64) {
        let recorded = self.hdr.get_or_insert_with(empty).record(value_us.min(DURATION_US_MAX));
        debug_assert!(recorded.is_ok(), "a histogram that resizes itself takes any value up to the longest");
    }

    /// Adds every sample of another histogram.
    pub fn merge(&mut self, other: &Histogram) {
        let Some(theirs) = &other.hdr else { return };
        match &self.hdr {
            Some(_) => self.add(theirs),
            None => self.hdr = Some(theirs.clone()),
        }
    }

    /// Adds every sample of an HdrHistogram in microseconds.
    pub(super) fn add(&mut self, hdr: &Hdr<u64>) {
        let added = self.hdr.get_or_insert_with(empty).add(hdr);
        debug_assert!(added.is_ok(), "a histogram that resizes itself takes any other");
    }

    /// Returns the samples with fewer digits; `None` if the histogram is empty.
    pub(super) fn rounded(&self, digits: u8) -> Option<Hdr<u64>> {
        let mut rounded = Hdr::new(digits).ok()?;
        rounded.add(self.non_empty_hdr()?).ok()?;
        Some(rounded)
    }

    /// Returns the number of samples.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.hdr.as_ref().map_or(0, |hdr| hdr.len())
    }

    /// Whether the histogram has no samples.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.count() == 0
    }

    /// Returns the value that the share `q` of the samples does not exceed; `None` if there are too few samples for
    /// it: p99 needs 100, p99.9 needs 1 000 and so on, any lower quantile at least one.
    #[must_use]
    pub fn quantile(&self, q: f64) -> Option<Duration> {
        (self.count() >= samples_needed(q)).then(|| self.value_at(q)).flatten()
    }

    /// The arithmetic mean.
    #[must_use]
    pub fn mean(&self) -> Option<Duration> {
        let hdr = self.non_empty_hdr()?;
        Some(Duration::from_secs_f64(hdr.mean() / 1e6))
    }

    /// The smallest sample.
    #[must_use]
    pub fn min(&self) -> Option<Duration> {
        self.non_empty_hdr().map(|hdr| Duration::from_micros(hdr.min()))
    }

    /// The largest sample.
    #[must_use]
    pub fn max(&self) -> Option<Duration> {
        self.non_empty_hdr().map(|hdr| Duration::from_micros(hdr.max()))
    }

    /// Every distinct value with its count, in rising order.
    pub fn buckets(&self) -> impl Iterator<Item = (Duration, u64)> + '_ {
        self.hdr.iter().flat_map(|hdr| {
            hdr.iter_recorded()
                .map(|step| (Duration::from_micros(step.value_iterated_to()), step.count_at_value()))
        })
    }

    /// The underlying histogram in microseconds, for writers of HdrHistogram's formats.
    pub fn as_hdr(&self) -> Option<&Hdr<u64>> {
        self.hdr.as_deref()
    }

    /// The value at quantile `q`, from 0 to 1; `None` without samples.
    pub fn value_at(&self, q: f64) -> Option<Duration> {
        self.non_empty_hdr().map(|hdr| Duration::from_micros(hdr.value_at_quantile(q)))
    }

    fn non_empty_hdr(&self) -> Option<&Hdr<u64>> {
        self.as_hdr().filter(|hdr| !hdr.is_empty())
    }
}

/// Returns the number of samples that a quantile needs: from p99 on, at least one sample must lie beyond it.
pub fn samples_needed(q: f64) -> u64 {
    if !(0.99..1.0).contains(&q) {
        return 1;
    }
    // 1 / (1 - 0.99) is slightly above 100 in floating point.
    (1.0 / (1.0 - q)).round() as u64
}

#[expect(clippy::expect_used, reason = "three significant digits are within HdrHistogram's 0 to 5")]
fn empty() -> Box<Hdr<u64>> {
    Box::new(Hdr::new(SIGNIFICANT_DIGITS).expect("a valid number of digits"))
}

/// The histogram in `summary.json`. Only `hdr` is read back: the rest is for people and their scripts.
#[derive(Deserialize, Serialize)]
struct SavedHistogram {
    count: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    min_us: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    mean_us: Option<f64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    p50_us: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    p90_us: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    p95_us: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    p99_us: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    p999_us: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    max_us: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    hdr: Option<String>,
}

impl From<Histogram> for SavedHistogram {
    fn from(histogram: Histogram) -> Self {
        let us = |value: Duration| u64::try_from(value.as_micros()).unwrap_or(u64::MAX);
        let at = |q| histogram.quantile(q).map(us);
        Self {
            count: histogram.count(),
            min_us: histogram.min().map(us),
            mean_us: histogram.mean().map(|mean| (mean.as_secs_f64() * 1e7).round() / 10.0),
            p50_us: at(0.5),
            p90_us: at(0.9),
            p95_us: at(0.95),
            p99_us: at(0.99),
            p999_us: at(0.999),
            max_us: histogram.max().map(us),
            hdr: histogram.non_empty_hdr().map(encode),
        }
    }
}

impl TryFrom<SavedHistogram> for Histogram {
    type Error = HistogramError;

    fn try_from(saved: SavedHistogram) -> Result<Self, Self::Error> {
        let Some(text) = saved.hdr else { return Ok(Self::default()) };
        charge(&BASE64.decode(&text)?)?;
        Ok(Self { hdr: Some(Box::new(decode(&text, SIGNIFICANT_DIGITS)?)) })
    }
}

/// Reads V2, deflated, base64, of this resolution.
pub(super) fn decode(text: &str, digits: u8) -> Result<Hdr<u64>, HistogramError> {
    let bytes = BASE64.decode(text)?;
    check(&bytes, digits)?;
    let mut hdr: Hdr<u64> =
        Deserializer::new().deserialize(&mut bytes.as_slice()).map_err(HistogramError::Format)?;
    hdr.auto(true);
    Ok(hdr)
}

/// Writes V2, deflated, base64.
#[expect(clippy::expect_used, reason = "writing to memory does not fail")]
pub(super) fn encode(hdr: &Hdr<u64>) -> String {
    let mut bytes = Vec::new();
    V2DeflateSerializer::new().serialize(hdr, &mut bytes).expect("a vector takes any number of bytes");
    BASE64.encode(bytes)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn of(values: impl IntoIterator<Item = u64>) -> Histogram {
        let mut histogram = Histogram::default();
        values.into_iter().for_each(|us| histogram.record(Duration::from_micros(us)));
        histogram
    }

    #[test]
    fn quantile_with_too_few_samples_is_none() {
        assert_eq!(Histogram::default().quantile(0.5), None);
        assert_eq!(of([7]).quantile(0.5), Some(Duration::from_micros(7)));
        assert_eq!(of(0..99).quantile(0.99), None);
        assert!(of(0..100).quantile(0.99).is_some());
        assert_eq!(of(0..999).quantile(0.999), None);
        assert!(of(0..1000).quantile(0.999).is_some());
    }

    #[test]
    fn record_of_more_than_a_day_counts_as_a_day() {
        let histogram = of([u64::MAX]);
        let day = Duration::from_secs(24 * 3600).as_secs_f64();
        let max = histogram.max().unwrap().as_secs_f64();
        assert!((max / day - 1.0).abs() < 0.001, "{max}");
    }

    #[test]
    fn deserialize_reads_hdr_only() {
        let text = serde_json::to_string(&of([1000, 1500, 2000])).unwrap();
        assert!(text.starts_with(r#"{"count":3,"min_us":1000,"mean_us":1500.0,"p50_us":1500,"#), "{text}");
        assert!(!text.contains("p99_us"), "{text}");
        let broken = serde_json::from_str::<Histogram>(r#"{"count":1,"hdr":"HISTFAAA"}"#);
        assert!(broken.is_err());
        assert_eq!(serde_json::to_string(&Histogram::default()).unwrap(), r#"{"count":0}"#);
    }

    proptest! {
        #[test]
        fn serialize_and_parse_returns_the_same_histogram(values in proptest::collection::vec(0..10_000_000_000_u64, 0..200)) {
            let histogram = of(values);
            let text = serde_json::to_string(&histogram).unwrap();
            let mut read: Histogram = serde_json::from_str(&text).unwrap();
            prop_assert_eq!(read.buckets().collect::<Vec<_>>(), histogram.buckets().collect::<Vec<_>>());
            // A deserialised histogram accepts more samples.
            read.record_us(DURATION_US_MAX);
            prop_assert_eq!(read.count(), histogram.count() + 1);
        }

        #[test]
        fn merge_equals_recording_both(
            left in proptest::collection::vec(0..100_000_000_u64, 0..100),
            right in proptest::collection::vec(0..100_000_000_u64, 0..100),
        ) {
            let mut merged = of(left.clone());
            merged.merge(&of(right.clone()));
            let both = of(left.into_iter().chain(right));
            prop_assert_eq!(merged.buckets().collect::<Vec<_>>(), both.buckets().collect::<Vec<_>>());
        }

        #[test]
        fn quantile_is_within_a_thousandth(us in 0..10_000_000_000_u64) {
            let read = of([us]).quantile(0.5).unwrap().as_micros() as f64;
            prop_assert!((read - us as f64).abs() <= us as f64 * 0.001, "{} for {}", read, us);
        }
    }
}
