//! The shares of requests inside the measured window, from which throughput is computed.

use std::time::Instant;

use super::sample::{Sample, Verdict};

/// Counts of requests inside the measured window. A request that crosses an edge of the window counts by the share of
/// its time inside. So throughput does not depend on where the edges fall between long requests, and requests that are
/// still running at the end neither disappear nor extend the window.
#[derive(Copy, Clone, Debug, Default, PartialEq)]
pub(crate) struct WindowCounts {
    pub(crate) completed: f64,
    pub(crate) failed: f64,
    pub(crate) tokens: f64,
    pub(crate) first_start: Option<Instant>,
    pub(crate) last_end: Option<Instant>,
}

impl WindowCounts {
    /// Counts a request by its share between `from` and `to`. Without `to`, the window has no end yet.
    pub(crate) fn record(&mut self, sample: &Sample, from: Instant, to: Option<Instant>) {
        let start = sample.sent.unwrap_or(sample.intended);
        let share = share(start, sample.ended, from, to);
        if share <= 0.0 {
            return;
        }
        match sample.verdict {
            Verdict::Completed => {
                self.completed += share;
                self.tokens += share * sample.answer.tokens.count() as f64;
            }
            Verdict::Failed(_) => self.failed += share,
            Verdict::RateLimited => {}
        }
        self.extend(Some(start.max(from)), Some(sample.ended));
    }

    pub(crate) fn merge(&mut self, other: &WindowCounts) {
        self.completed += other.completed;
        self.failed += other.failed;
        self.tokens += other.tokens;
        self.extend(other.first_start, other.last_end);
    }

    fn extend(&mut self, start: Option<Instant>, end: Option<Instant>) {
        self.first_start = [self.first_start, start].into_iter().flatten().min();
        self.last_end = self.last_end.max(end);
    }
}

/// Returns the share of `start` to `end` that lies between `from` and `to`.
fn share(start: Instant, end: Instant, from: Instant, to: Option<Instant>) -> f64 {
    let last = to.map_or(end, |to| end.min(to));
    let whole = end.saturating_duration_since(start);
    if whole.is_zero() {
        // A request that took no time is either inside or outside.
        return if start >= from && start <= last { 1.0 } else { 0.0 };
    }
    last.saturating_duration_since(start.max(from)).as_secs_f64() / whole.as_secs_f64()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use proptest::prelude::*;

    use super::*;
    use crate::record::{Answer, Tokens};

    fn sample(start: Instant, took: Duration, verdict: Verdict) -> Sample {
        Sample {
            intended: start,
            sent: Some(start),
            first_byte: None,
            ended: start + took,
            bytes_sent: 0,
            sending: crate::record::Sending::default(),
            answer: Answer { tokens: Tokens::Usage(64), ..Answer::default() },
            verdict,
        }
    }

    #[test]
    fn record_request_across_edge_counts_by_share() {
        let from = Instant::now() + Duration::from_secs(100);
        let s = Duration::from_secs;
        let inside_of = |start, took| {
            let mut in_window = WindowCounts::default();
            in_window.record(&sample(start, took, Verdict::Completed), from, Some(from + s(10)));
            in_window
        };
        assert_eq!(inside_of(from + s(1), s(2)).completed, 1.0);
        assert_eq!(inside_of(from - s(3), s(4)).completed, 0.25);
        assert_eq!(inside_of(from + s(9), s(4)).tokens, 16.0);
        assert_eq!(inside_of(from - s(10), s(40)).completed, 0.25);
        assert_eq!(inside_of(from - s(3), s(2)), WindowCounts::default());
        assert_eq!(inside_of(from + s(11), s(2)), WindowCounts::default());
        assert_eq!((inside_of(from, s(0)).completed, inside_of(from - s(1), s(0)).completed), (1.0, 0.0));
    }

    proptest! {
        /// Synchronous users whose requests take 1.3 s make 1/1.3 requests per second each, wherever the window lies.
        #[test]
        fn record_synchronous_users_throughput_is_independent_of_window(offset_ms in 0..1300_u64, length_ms in 2000..6000_u64) {
            let start = Instant::now();
            let took = Duration::from_millis(1300);
            let from = start + Duration::from_millis(5000 + offset_ms);
            let to = from + Duration::from_millis(length_ms);
            let mut in_window = WindowCounts::default();
            for round in 0..20 {
                in_window.record(&sample(start + took * round, took, Verdict::Completed), from, Some(to));
            }
            let rate = in_window.completed / (to - from).as_secs_f64();
            prop_assert!((rate - 1.0 / 1.3).abs() < 1e-6, "{}", rate);
        }
    }
}
