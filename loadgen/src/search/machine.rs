//! The state machine that decides which level is probed next.

use crate::scenario::SearchOptions;
use weir_results::{Purpose, SearchOver};

/// How often a level whose confirmation fails is replaced by a lower one. After that, the target is unsteady.
const LOWERINGS_MAX: u32 = 10;

/// The state of a search between two probes. It performs no runs; its caller passes the outcome of each probe.
#[derive(Clone, Debug)]
pub(super) struct Search {
    over: SearchOver,
    to: f64,
    step: f64,
    precision: f64,
    lowest: f64,
    probe: Probe,
    /// The highest level that held, below all that failed.
    held: Option<f64>,
    /// The lowest level that failed.
    failed: Option<f64>,
    confirmations: u32,
    /// The confirmations that are left.
    left: u32,
    /// How often the level was lowered.
    lowered: u32,
}

/// One level to measure.
#[derive(Copy, Clone, Debug, PartialEq)]
pub(super) struct Probe {
    pub(super) level: f64,
    pub(super) purpose: Purpose,
}

/// The outcome of a probe.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    Held,
    Failed,
}

/// The next step of a search.
#[derive(Copy, Clone, Debug, PartialEq)]
pub(super) enum Step {
    Probe(Probe),
    Done(Verdict),
}

/// The result of a search that was not interrupted.
#[derive(Copy, Clone, Debug, PartialEq)]
pub(super) enum Verdict {
    /// The highest level that holds, below one that fails.
    Found(f64),
    /// The highest level of the range holds.
    Ceiling(f64),
    /// The lowest level fails.
    Nothing,
    /// Several levels held once and then failed.
    Unsteady,
}

impl Search {
    pub(super) fn new(options: &SearchOptions) -> Self {
        let over = options.over;
        let lowest = over.rounded(options.from);
        Self {
            over,
            to: over.rounded(options.to).max(lowest),
            step: options.step,
            precision: options.precision,
            lowest,
            probe: Probe { level: lowest, purpose: Purpose::Raise },
            held: None,
            failed: None,
            confirmations: options.confirm,
            left: options.confirm,
            lowered: 0,
        }
    }

    /// Returns the current probe.
    pub(super) fn probe(&self) -> Probe {
        self.probe
    }

    /// Returns the highest level that held, below all that failed.
    pub(super) fn held(&self) -> Option<f64> {
        self.held
    }

    /// Returns the lowest level that failed.
    pub(super) fn failed(&self) -> Option<f64> {
        self.failed
    }

    /// Advances by the outcome of the current probe.
    pub(super) fn next(&mut self, outcome: Outcome) -> Step {
        let Probe { level, purpose } = self.probe;
        match outcome {
            Outcome::Held => self.held = Some(level),
            Outcome::Failed => self.failed = Some(level),
        }
        match (purpose, outcome) {
            (Purpose::Raise, Outcome::Held) if level < self.to => {
                let next = self.over.rounded(level * self.step).max(level + self.over.grain()).min(self.to);
                self.try_next(next, Purpose::Raise)
            }
            (Purpose::Raise, Outcome::Held) => self.confirm(level),
            (Purpose::Confirm, Outcome::Held) => {
                self.left = self.left.saturating_sub(1);
                self.confirm(level)
            }
            (Purpose::Confirm, Outcome::Failed) => self.lower(level),
            (Purpose::Raise | Purpose::Narrow, _) => self.narrow(),
        }
    }

    /// Probes between the highest level that held and the lowest that failed, until the gap is within the precision.
    fn narrow(&mut self) -> Step {
        let Some((held, failed)) = self.held.zip(self.failed) else { return Step::Done(Verdict::Nothing) };
        let middle = self.over.rounded((held * failed).sqrt());
        if failed <= held * (1.0 + self.precision) || middle <= held || middle >= failed {
            return self.confirm(held);
        }
        self.try_next(middle, Purpose::Narrow)
    }

    fn confirm(&mut self, level: f64) -> Step {
        match (self.left, self.failed) {
            (0, Some(_)) => Step::Done(Verdict::Found(level)),
            (0, None) => Step::Done(Verdict::Ceiling(level)),
            _ => self.try_next(level, Purpose::Confirm),
        }
    }

    /// Replaces a level whose confirmation failed by the next lower one.
    fn lower(&mut self, level: f64) -> Step {
        self.held = None;
        self.lowered += 1;
        if self.lowered > LOWERINGS_MAX {
            return Step::Done(Verdict::Unsteady);
        }
        let lower = self.over.rounded(level / (1.0 + self.precision)).min(level - self.over.grain());
        if lower < self.lowest {
            return Step::Done(Verdict::Nothing);
        }
        // The lower level has not held yet.
        self.left = self.confirmations + 1;
        self.try_next(lower, Purpose::Confirm)
    }

    fn try_next(&mut self, level: f64, purpose: Purpose) -> Step {
        self.probe = Probe { level, purpose };
        Step::Probe(self.probe)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rand::Rng as _;
    use weir_pace::Seed;

    use super::*;

    /// Runs a search to its end and returns its verdict and its probes.
    fn search(options: &SearchOptions, mut holds: impl FnMut(f64) -> bool) -> (Verdict, Vec<Probe>) {
        let mut search = Search::new(options);
        let mut probes = vec![search.probe()];
        loop {
            let outcome = if holds(search.probe().level) { Outcome::Held } else { Outcome::Failed };
            match search.next(outcome) {
                Step::Probe(probe) => probes.push(probe),
                Step::Done(verdict) => return (verdict, probes),
            }
        }
    }

    fn levels(probes: &[Probe], purpose: Purpose) -> Vec<f64> {
        probes.iter().filter(|probe| probe.purpose == purpose).map(|probe| probe.level).collect()
    }

    #[test]
    fn next_default_options_raises_narrows_and_confirms() {
        let (verdict, probes) = search(&SearchOptions::default(), |level| level <= 277.0);
        assert_eq!(verdict, Verdict::Found(269.0));
        assert_eq!(levels(&probes, Purpose::Raise), [10.0, 20.0, 40.0, 80.0, 160.0, 320.0]);
        assert_eq!(levels(&probes, Purpose::Narrow), [226.0, 269.0, 293.0, 281.0]);
        assert_eq!(levels(&probes, Purpose::Confirm), [269.0, 269.0]);
    }

    #[test]
    fn next_failed_confirmation_lowers_level() {
        let mut tries = 0;
        let (verdict, probes) = search(&SearchOptions::default(), |level| {
            tries += u32::from(level == 269.0);
            level < 269.0 || (level == 269.0 && tries < 3)
        });
        assert_eq!(verdict, Verdict::Found(256.0));
        assert_eq!(levels(&probes, Purpose::Confirm), [269.0, 269.0, 256.0, 256.0, 256.0]);
    }

    #[test]
    fn next_all_fail_or_all_hold_ends_at_edge_of_range() {
        assert_eq!(search(&SearchOptions::default(), |_| false).0, Verdict::Nothing);
        let (verdict, probes) = search(&SearchOptions::default(), |_| true);
        assert_eq!(verdict, Verdict::Ceiling(1000.0));
        assert_eq!(levels(&probes, Purpose::Confirm), [1000.0, 1000.0]);
        let once = SearchOptions { confirm: 0, ..SearchOptions::default() };
        assert_eq!(search(&once, |_| true).1.len(), 8);
    }

    #[test]
    fn next_no_level_holds_twice_is_unsteady() {
        let mut last = 0.0;
        let (verdict, probes) = search(&SearchOptions::default(), |level| {
            let is_new = level != last;
            last = level;
            is_new && level <= 500.0
        });
        assert_eq!(verdict, Verdict::Unsteady);
        assert!(probes.len() < 60, "{}", probes.len());
    }

    fn any_options() -> impl Strategy<Value = SearchOptions> {
        let over = prop_oneof![Just(SearchOver::Users), Just(SearchOver::Rate)];
        (over, 1.0..50.0_f64, 1.0..2000.0_f64, 1.1..10.0_f64, 0.005..1.0_f64, 0..5_u32).prop_map(
            |(over, from, factor, step, precision, confirm)| SearchOptions {
                over,
                from,
                to: from * factor,
                step,
                precision,
                confirm,
                ..SearchOptions::default()
            },
        )
    }

    /// Returns an upper bound of the number of probes.
    fn probes_max(options: &SearchOptions) -> f64 {
        // Users rise by at least one; below ten users, that is a factor of at least 1.1.
        let raise = (options.to / options.from).ln() / options.step.ln() + 12.0;
        let narrow = (options.step.ln() / options.precision.ln_1p()).max(1.0).log2() + 12.0;
        let confirm = f64::from((LOWERINGS_MAX + 1) * (options.confirm + 1));
        raise + narrow + confirm
    }

    proptest! {
        #[test]
        fn next_ideal_knee_is_found_within_precision(options in any_options(), place in 0.0..1.0_f64) {
            // A knee from a little below the range to a little above it.
            let knee = options.from * 0.5 * (options.to / options.from * 4.0).powf(place);
            let (verdict, probes) = search(&options, |level| level <= knee);
            let (lowest, highest) = (options.over.rounded(options.from), options.over.rounded(options.to));
            match verdict {
                Verdict::Found(level) => {
                    let next = (level * (1.0 + options.precision)).max(level + options.over.grain());
                    prop_assert!(level <= knee && knee < next * 1.001, "{} for a knee of {}", level, knee);
                }
                Verdict::Ceiling(level) => prop_assert!(level <= knee && level >= highest),
                Verdict::Nothing => prop_assert!(knee < lowest),
                Verdict::Unsteady => prop_assert!(false, "an ideal system is steady"),
            }
            prop_assert!((probes.len() as f64) < probes_max(&options), "{} probes", probes.len());
        }

        #[test]
        fn next_random_outcomes_end_within_bound(options in any_options(), seed: u64, share in 0.0..1.0_f64) {
            let mut rng = Seed::new(seed).rng();
            let (_, probes) = search(&options, |_| rng.random_bool(share));
            prop_assert!((probes.len() as f64) < probes_max(&options), "{} probes", probes.len());
        }
    }
}
