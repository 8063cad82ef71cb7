//! The gaps of one stream, kept until it is known whether the stream completed.

use std::time::Duration;

use weir_results::Histogram;

/// Beyond this number of gaps, the earlier ones are kept as a histogram, so that long streams need bounded memory.
const RECENT_MAX: usize = 8192;

/// The gaps between the content events of a stream, and between its tokens.
#[derive(Clone, Debug, Default)]
pub(crate) struct StreamGaps {
    /// Between consecutive content events.
    pub(crate) events: Gaps,
    /// Between tokens: those of one event share the time since the event before.
    pub(crate) tokens: Gaps,
}

impl StreamGaps {
    /// Removes all gaps, and keeps their memory for the next stream.
    pub(crate) fn clear(&mut self) {
        self.events.clear();
        self.tokens.clear();
    }
}

/// Gaps in microseconds, each with the number of times that it occurred.
#[derive(Clone, Debug, Default)]
pub(crate) struct Gaps {
    recent: Vec<(u32, u32)>,
    earlier: Histogram,
}

impl Gaps {
    /// Adds a gap.
    pub(crate) fn push(&mut self, gap: Duration) {
        self.push_times(gap, 1);
    }

    /// Adds a gap that occurred `count` times.
    pub(crate) fn push_times(&mut self, gap: Duration, count: u64) {
        match (u32::try_from(gap.as_micros()), u32::try_from(count)) {
            (Ok(gap_us), Ok(count)) => self.recent.push((gap_us, count)),
            _ => self.earlier.record_times(gap, count),
        }
        if self.recent.len() >= RECENT_MAX {
            record(&self.recent, &mut self.earlier);
            self.recent.clear();
        }
    }

    /// Adds all gaps to a histogram.
    pub(crate) fn record_in(&self, histogram: &mut Histogram) {
        histogram.merge(&self.earlier);
        record(&self.recent, histogram);
    }

    pub(crate) fn clear(&mut self) {
        self.recent.clear();
        self.earlier = Histogram::default();
    }
}

fn record(gaps: &[(u32, u32)], histogram: &mut Histogram) {
    for &(gap_us, count) in gaps {
        histogram.record_times(Duration::from_micros(gap_us.into()), count.into());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn record_in_many_gaps_records_each_in_bounded_memory() {
        let mut gaps = Gaps::default();
        let hours = Duration::from_secs(2 * 3600);
        gaps.push(hours);
        for us in 1..=20_000 {
            gaps.push(Duration::from_micros(us));
        }
        gaps.push_times(Duration::from_micros(7), 3);
        let mut histogram = Histogram::default();
        gaps.record_in(&mut histogram);
        assert_eq!((histogram.count(), histogram.min()), (20_004, Some(Duration::from_micros(1))));
        assert!(histogram.max().is_some_and(|max| max.abs_diff(hours) < hours / 500));
        assert!(gaps.recent.capacity() <= 2 * RECENT_MAX);
        gaps.clear();
        let mut histogram = Histogram::default();
        gaps.record_in(&mut histogram);
        assert!(histogram.is_empty());
    }
}
