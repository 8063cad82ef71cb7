//! Detects a target that has died during the run.

/// A target that has refused every connection for this many seconds is considered dead.
const DEAD_AFTER_S: u64 = 5;

/// What a second of the run shows about the target.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub(super) enum TargetActivity {
    /// It answered at least one request, correctly or not.
    Answered,
    /// Every request that ended failed to connect.
    Unreachable,
    /// No request ended.
    None,
}

/// Counts consecutive seconds in which every request fails to connect.
#[derive(Debug, Default)]
pub(super) struct DeadTarget {
    unreachable_since: Option<u64>,
}

impl DeadTarget {
    /// Adds a second of the run; returns whether the target is dead.
    pub(super) fn observe(&mut self, second: u64, activity: TargetActivity) -> bool {
        match activity {
            TargetActivity::Answered => self.unreachable_since = None,
            TargetActivity::Unreachable => {
                self.unreachable_since.get_or_insert(second);
            }
            TargetActivity::None => {}
        }
        self.unreachable_since.is_some_and(|since| second.saturating_sub(since) >= DEAD_AFTER_S)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn observe_five_seconds_unreachable_is_dead() {
        let mut target = DeadTarget::default();
        assert!(!target.observe(0, TargetActivity::Answered));
        let dead: Vec<bool> =
            (1..7).map(|second| target.observe(second, TargetActivity::Unreachable)).collect();
        assert_eq!(dead, [false, false, false, false, false, true]);
    }

    #[test]
    fn observe_answer_resets_and_idle_seconds_do_not() {
        let mut target = DeadTarget::default();
        assert!(!target.observe(1, TargetActivity::Unreachable));
        assert!(!target.observe(4, TargetActivity::Answered));
        assert!(!target.observe(5, TargetActivity::Unreachable));
        assert!(!target.observe(9, TargetActivity::None));
        assert!(target.observe(10, TargetActivity::None));
    }
}
