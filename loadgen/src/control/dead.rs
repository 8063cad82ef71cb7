//! A target that has died during the run.

/// A target that has refused every connection for this many seconds is taken for dead.
const DEAD_AFTER_S: u64 = 5;

/// What a second of the run says about the target.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub(crate) enum Sign {
    /// Something was answered, rightly or wrongly.
    Life,
    /// Connections failed and nothing else happened.
    Silence,
    /// Nothing ended in this second.
    Nothing,
}

/// Watches for seconds in which nothing but connection failures happens.
#[derive(Debug, Default)]
pub(crate) struct DeadTarget {
    silent_since: Option<u64>,
}

impl DeadTarget {
    /// Takes in what the given second of the run showed, and says whether the target is dead.
    pub(crate) fn observe(&mut self, second: u64, sign: Sign) -> bool {
        match sign {
            Sign::Life => self.silent_since = None,
            Sign::Silence => {
                self.silent_since.get_or_insert(second);
            }
            Sign::Nothing => {}
        }
        self.silent_since.is_some_and(|since| second.saturating_sub(since) >= DEAD_AFTER_S)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_dead_after_seconds_of_nothing_but_refusals() {
        let mut target = DeadTarget::default();
        assert!(!target.observe(0, Sign::Life));
        let dead: Vec<bool> = (1..7).map(|second| target.observe(second, Sign::Silence)).collect();
        assert_eq!(dead, [false, false, false, false, false, true]);
    }

    #[test]
    fn any_answer_is_life_and_quiet_seconds_are_neither() {
        let mut target = DeadTarget::default();
        assert!(!target.observe(1, Sign::Silence));
        assert!(!target.observe(4, Sign::Life));
        assert!(!target.observe(5, Sign::Silence));
        assert!(!target.observe(9, Sign::Nothing));
        assert!(target.observe(10, Sign::Nothing));
    }
}
