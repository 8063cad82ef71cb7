//! A histogram that is kept for long, and seldom looked into.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::plain::{Histogram, HistogramError, decode, encode};

/// One for each second of a run is kept, so they are small: a value is off by at most 1 %.
const SIGNIFICANT_DIGITS: u8 = 2;

/// The durations of one second, in a few hundred bytes: HdrHistogram V2 with two significant digits, deflated, base64,
/// in microseconds; nothing where there was none.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(try_from = "Option<String>")]
pub struct PackedHistogram(Option<Arc<str>>);

impl PackedHistogram {
    /// Keeps every sample of a histogram.
    #[must_use]
    pub fn of(histogram: &Histogram) -> Self {
        Self(histogram.rounded(SIGNIFICANT_DIGITS).map(|hdr| encode(&hdr).into()))
    }

    /// Adds its samples to a histogram.
    pub fn add_to(&self, sum: &mut Histogram) {
        let Some(text) = &self.0 else { return };
        let decoded = decode(text);
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
        let hdr = decode(&text)?;
        if hdr.sigfig() != SIGNIFICANT_DIGITS {
            return Err(HistogramError::Digits { found: hdr.sigfig(), needed: SIGNIFICANT_DIGITS });
        }
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
    fn what_is_no_histogram_is_refused() {
        let read =
            |text: &str| serde_json::from_str::<PackedHistogram>(text).map_err(|error| error.to_string());
        assert_eq!(read("null"), Ok(PackedHistogram::default()));
        assert!(read("\"!\"").unwrap_err().starts_with("hdr: not base64"));
        assert!(read("\"AAAA\"").unwrap_err().starts_with("hdr: not an HdrHistogram"));
        let fine = serde_json::to_value(of(&[7])).unwrap()["hdr"].to_string();
        assert_eq!(read(&fine).unwrap_err(), "hdr: 3 significant digits; 2 are needed");
    }

    proptest! {
        // Each compresses several times, which takes its time without optimisation.
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn a_value_is_off_by_one_per_cent_at_most(us in 1..3_600_000_000_u64) {
            let packed = PackedHistogram::of(&of(&[us]));
            let found = unpacked(&[&packed]).max().unwrap().as_micros() as f64;
            prop_assert!((found / us as f64 - 1.0).abs() < 0.011, "{found} for {us}");
        }

        /// Packed, unpacked, merged and read: no order of these makes a difference.
        #[test]
        fn the_parts_make_the_whole(values in proptest::collection::vec(0..5_000_000_u64, 0..50), cut in 0..50_usize) {
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
