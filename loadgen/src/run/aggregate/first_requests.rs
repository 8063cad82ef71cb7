//! Detects a run in which nothing succeeds.

use weir_results::Second;

/// A run whose first requests all fail ends after this many seconds.
const JUDGED_AFTER_S: u64 = 2;

/// Fewer failures end no run.
const FAILURES_MIN: u64 = 10;

/// The outcomes of the requests so far.
#[derive(Debug, Default)]
pub(super) struct FirstRequests {
    /// A request completed, or was rate limited as expected.
    has_success: bool,
    failed: u64,
}

impl FirstRequests {
    /// Adds a second of the run; returns whether the run should end, because nothing has succeeded. `open` is the number of
    /// requests of the first second that have not ended: slow answers may still be correct when fast ones are refusals.
    pub(super) fn observe(&mut self, second: &Second, open: u64) -> bool {
        self.has_success |= second.completed + second.rate_limited > 0;
        self.failed += second.failed;
        let is_due = second.at_s + 1 >= JUDGED_AFTER_S && open == 0;
        is_due && !self.has_success && self.failed >= FAILURES_MIN
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn second(at_s: u64, completed: u64, failed: u64) -> Second {
        Second { at_s, completed, failed, ..Second::default() }
    }

    #[test]
    fn observe_ten_failures_without_success_end_the_run_after_two_seconds() {
        let mut requests = FirstRequests::default();
        assert!(!requests.observe(&second(0, 0, 9), 0));
        assert!(!FirstRequests::default().observe(&second(1, 0, 9), 0));
        assert!(requests.observe(&second(1, 0, 1), 0));
    }

    #[test]
    fn observe_success_or_open_request_keeps_the_run_going() {
        let mut requests = FirstRequests::default();
        assert!(!requests.observe(&second(0, 1, 50), 0));
        assert!(!requests.observe(&second(1, 0, 50), 0));
        let mut requests = FirstRequests::default();
        assert!(!requests.observe(&second(1, 0, 50), 1));
        assert!(requests.observe(&second(2, 0, 0), 0));
        let limited = Second { rate_limited: 1, ..second(1, 0, 50) };
        assert!(!FirstRequests::default().observe(&limited, 0));
    }
}
