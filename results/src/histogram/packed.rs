//! A histogram in compressed form, for long storage and rare reads.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::error::HistogramError;
use super::plain::{Histogram, decode, encode};

/// A run keeps one per second, so they are small: the error of a value is at most 1 %.
const SIGNIFICANT_DIGITS: u8 = 2;

/// The durations of one second, in a few hundred bytes: HdrHistogram V2 with two significant digits, deflated, base64,
/// in microseconds; `None` if the second has no samples.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(try_from = "Option<String>")]
pub struct PackedHistogram(Option<Arc<str>>);

impl PackedHistogram {
    /// Packs every sample of a histogram.
    #[must_use]
    pub fn of(histogram: &Histogram) -> Self {
        Self(histogram.rounded(SIGNIFICANT_DIGITS).map(|hdr| encode(&hdr).into()))
    }

    /// Adds the packed samples to a histogram.
    pub fn add_to(&self, sum: &mut Histogram) {
        let Some(text) = &self.0 else { return };
        let decoded = decode(text, SIGNIFICANT_DIGITS);
        debug_assert!(decoded.is_ok(), "the text was made here, or checked when it was read");
        if let Ok(hdr) = decoded {
            sum.add(&hdr);
        }
    }
}

impl TryFrom<Option<String>> for PackedHistogram {
    type Error = HistogramError;

    fn try_from(text: Option<String>) -> Result<Self, Self::Error> {
        let Some(text) = text else { return Ok(Self::default()) };
        decode(&text, SIGNIFICANT_DIGITS)?;
        Ok(Self(Some(text.into())))
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use proptest::prelude::*;

    use super::*;

    fn of(values: &[u64]) -> Histogram {
        let mut histogram = Histogram::default();
        values.iter().for_each(|us| histogram.record(Duration::from_micros(*us)));
        histogram
    }

    fn unpacked(packed: &[&PackedHistogram]) -> Histogram {
        let mut sum = Histogram::default();
        packed.iter().for_each(|packed| packed.add_to(&mut sum));
        sum
    }

    #[test]
    fn deserialize_of_invalid_text_fails() {
        let read =
            |text: &str| serde_json::from_str::<PackedHistogram>(text).map_err(|error| error.to_string());
        assert_eq!(read("null"), Ok(PackedHistogram::default()));
        assert!(read("\"!\"").unwrap_err().starts_with("hdr: not base64"));
        assert!(read("\"AAAA\"").unwrap_err().starts_with("hdr: not an HdrHistogram"));
        let fine = serde_json::to_value(of(&[7])).unwrap()["hdr"].to_string();
        assert_eq!(read(&fine).unwrap_err(), "hdr: expected 2 significant digits, found 3");
    }

    proptest! {
        // Each case compresses several times, which is slow without optimisation.
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn pack_keeps_values_within_one_per_cent(us in 1..3_600_000_000_u64) {
            let packed = PackedHistogram::of(&of(&[us]));
            let found = unpacked(&[&packed]).max().unwrap().as_micros() as f64;
            prop_assert!((found / us as f64 - 1.0).abs() < 0.011, "{found} for {us}");
        }

        /// The order of packing, unpacking, merging and reading makes no difference.
        #[test]
        fn pack_and_merge_in_any_order_give_the_same_histogram(values in proptest::collection::vec(0..5_000_000_u64, 0..50), cut in 0..50_usize) {
            let (left, right) = values.split_at(cut.min(values.len()));
            let parts = [of(left), of(right)].map(|part| PackedHistogram::of(&part));
            let read: Vec<PackedHistogram> =
                serde_json::from_str(&serde_json::to_string(&parts).unwrap()).unwrap();
            let whole = PackedHistogram::of(&of(&values));
            let again = PackedHistogram::of(&unpacked(&read.iter().collect::<Vec<_>>()));
            prop_assert_eq!(unpacked(&[&again]), unpacked(&[&whole]));
        }
    }
}
