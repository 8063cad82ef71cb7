//! The memory that saved histograms may take, checked before it is taken: their headers may hold any numbers.

use std::cell::Cell;
use std::io::Read as _;

use flate2::read::ZlibDecoder;

use super::error::HistogramError;

/// The largest value of a histogram, in microseconds; longer durations are recorded as a day, which rounds up to this.
const VALUE_US_MAX: u64 = 1 << 38;

/// The largest encoded histogram: each of its counts takes at most nine bytes.
const PAYLOAD_BYTES_MAX: u32 = 1 << 20;

/// The memory of all histograms of one report.
const REPORT_BYTES_MAX: u64 = 1 << 30;

thread_local! {
    /// What the histograms of the report that this thread reads may still take; `None` outside of a report.
    static LEFT: Cell<Option<u64>> = const { Cell::new(None) };
}

/// Reads a report whose histograms may take 1 GiB in all.
pub(crate) fn with_memory_limit<T>(read: impl FnOnce() -> T) -> T {
    let before = LEFT.replace(Some(REPORT_BYTES_MAX));
    let found = read();
    LEFT.set(before);
    found
}

/// The head of an HdrHistogram in V2 format, as far as it decides on memory.
struct Head {
    payload_bytes: u32,
    digits: u32,
    highest: u64,
}

impl Head {
    /// Reads the head of a deflated histogram.
    fn read(bytes: &[u8]) -> Option<Self> {
        // The cookie and the length of what follows.
        let mut head = [0; 40];
        ZlibDecoder::new(bytes.get(8..)?).read_exact(&mut head).ok()?;
        let u32_at = |at: usize| head.get(at..at + 4)?.try_into().ok().map(u32::from_be_bytes);
        let u64_at = |at: usize| head.get(at..at + 8)?.try_into().ok().map(u64::from_be_bytes);
        Some(Self { payload_bytes: u32_at(4)?, digits: u32_at(12)?, highest: u64_at(24)? })
    }

    /// The memory of its counts: each doubling of the highest value adds half as many as there are up to the first.
    fn bytes(&self) -> u64 {
        let first = 2 * 10_u64.pow(self.digits).next_power_of_two();
        let doublings = u64::from((self.highest / first).checked_ilog2().map_or(0, |log| log + 1));
        (doublings + 2) * first / 2 * 8
    }
}

/// Fails unless the histogram has this resolution and fits into the memory limits.
pub(super) fn check(bytes: &[u8], digits: u8) -> Result<(), HistogramError> {
    let head = Head::read(bytes).ok_or(HistogramError::Head)?;
    if head.digits != u32::from(digits) {
        return Err(HistogramError::Digits { found: head.digits, needed: digits });
    }
    if head.highest > VALUE_US_MAX || head.payload_bytes > PAYLOAD_BYTES_MAX {
        return Err(HistogramError::TooLarge);
    }
    Ok(())
}

/// Subtracts the memory of a histogram that is kept from what its report may take.
pub(super) fn charge(bytes: &[u8]) -> Result<(), HistogramError> {
    let Some(left) = LEFT.get() else { return Ok(()) };
    let needed = Head::read(bytes).map_or(0, |head| head.bytes());
    LEFT.set(Some(left.checked_sub(needed).ok_or(HistogramError::ReportTooLarge)?));
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;
    use flate2::{Compression, write::ZlibEncoder};

    use super::super::Histogram;
    use super::*;

    /// A histogram in JSON whose head has these numbers.
    fn json(payload_bytes: u32, digits: u32, highest: u64) -> String {
        let mut head = Vec::new();
        for number in [0x1c84_9313, payload_bytes, 0, digits] {
            head.extend(number.to_be_bytes());
        }
        head.extend(1_u64.to_be_bytes());
        head.extend(highest.to_be_bytes());
        head.extend(1_f64.to_be_bytes());
        let mut deflated = ZlibEncoder::new(Vec::new(), Compression::default());
        deflated.write_all(&head).unwrap();
        let deflated = deflated.finish().unwrap();
        let bytes = [&0x1c84_9314_u32.to_be_bytes()[..], &u32::MAX.to_be_bytes(), &deflated].concat();
        format!(r#"{{"count":1,"hdr":"{}"}}"#, STANDARD.encode(bytes))
    }

    fn error(text: &str) -> String {
        serde_json::from_str::<Histogram>(text).unwrap_err().to_string()
    }

    #[test]
    fn deserialize_head_with_other_sizes_than_measured_fails() {
        assert!(serde_json::from_str::<Histogram>(&json(0, 3, 1 << 37)).is_ok());
        for text in [json(u32::MAX, 3, 1 << 20), json(0, 3, u64::MAX)] {
            assert!(error(&text).starts_with("hdr: expected durations of at most a day"), "{}", error(&text));
        }
        assert_eq!(error(&json(0, 5, 1 << 20)), "hdr: expected 3 significant digits, found 5");
        assert!(error(r#"{"count":1,"hdr":"HISTBAAAAAA="}"#).contains("V2 format"));
    }

    #[test]
    fn deserialize_many_large_histograms_fails_within_the_limit() {
        let list = vec![json(0, 3, 1 << 37); 8_000].join(",");
        let read = with_memory_limit(|| serde_json::from_str::<Vec<Histogram>>(&format!("[{list}]")));
        assert!(read.unwrap_err().to_string().contains("1 GiB in all"));
        assert!(serde_json::from_str::<Histogram>(&json(0, 3, 1 << 37)).is_ok(), "outside of a report");
    }

    #[test]
    fn bytes_is_the_memory_of_the_counts() {
        for highest in [2_047_u64, 2_048, 1_000_000, 1 << 37] {
            let hdr = hdrhistogram::Histogram::<u64>::new_with_max(highest.max(2), 3).unwrap();
            let head = Head { payload_bytes: 0, digits: 3, highest };
            let found = head.bytes();
            assert!(
                found >= hdr.distinct_values() as u64 * 8 && found <= hdr.distinct_values() as u64 * 16,
                "{highest}"
            );
        }
    }
}
