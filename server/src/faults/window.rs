//! When a rule is in force: a window of time since the start of the server, which may repeat.

use std::time::Duration;

/// A window of time since the start of the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Window {
    /// Its first beginning.
    pub(super) at: Duration,
    /// `None`: without an end.
    pub(super) length: Option<Duration>,
    /// The time from one beginning to the next, if it repeats; longer than the window.
    pub(super) every: Option<Duration>,
}

impl Window {
    /// Whether `time` is within it. The beginning is, the end is not.
    pub(super) fn contains(&self, time: Duration) -> bool {
        let Some(since) = time.checked_sub(self.at) else { return false };
        self.length.is_none_or(|length| self.phase(since) < length)
    }

    /// The beginning and the end of the window that `time` is in, or of the next one; `None` if there is none.
    pub(super) fn current_or_next(&self, time: Duration) -> Option<(Duration, Duration)> {
        let length = self.length?;
        let begin = match time.checked_sub(self.at) {
            None => self.at,
            Some(since) if self.phase(since) < length => time.saturating_sub(self.phase(since)),
            Some(since) => time.saturating_sub(self.phase(since)).saturating_add(self.every?),
        };
        Some((begin, begin.saturating_add(length)))
    }

    /// The time since the last beginning.
    fn phase(&self, since: Duration) -> Duration {
        let Some(every) = self.every.map(|every| every.as_nanos()).filter(|every| *every > 0) else {
            return since;
        };
        // The remainder of a period of at most 584 years.
        Duration::from_nanos(u64::try_from(since.as_nanos() % every).unwrap_or(u64::MAX))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const S: Duration = Duration::from_secs(1);

    #[test]
    fn contains_once() {
        let window = Window { at: 30 * S, length: Some(10 * S), every: None };
        let inside: Vec<u32> = (0..100).filter(|time| window.contains(*time * S)).collect();
        assert_eq!(inside, (30..40).collect::<Vec<_>>());
        assert_eq!(window.current_or_next(Duration::ZERO), Some((30 * S, 40 * S)));
        assert_eq!(window.current_or_next(35 * S), Some((30 * S, 40 * S)));
        assert_eq!(window.current_or_next(40 * S), None);
    }

    #[test]
    fn contains_repeatedly() {
        let window = Window { at: 5 * S, length: Some(2 * S), every: Some(10 * S) };
        let inside: Vec<u32> = (0..30).filter(|time| window.contains(*time * S)).collect();
        assert_eq!(inside, [5, 6, 15, 16, 25, 26]);
        assert_eq!(window.current_or_next(16 * S), Some((15 * S, 17 * S)));
        assert_eq!(window.current_or_next(17 * S), Some((25 * S, 27 * S)));
    }

    #[test]
    fn contains_without_end() {
        let window = Window { at: 5 * S, length: None, every: None };
        assert!(!window.contains(4 * S) && window.contains(5 * S) && window.contains(500 * S));
        assert_eq!(window.current_or_next(Duration::ZERO), None);
    }
}
