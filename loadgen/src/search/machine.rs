//! Which level is tried next.

use crate::scenario::SearchOptions;
use weir_results::{Purpose, SearchOver};

/// A level that fails when it should be confirmed makes way for a lower one at most so often: a target that holds it
/// now and then has no highest level.
const LOWERINGS_MAX: u32 = 10;

/// The state of a search between two probes. It knows nothing of runs: it is told how each probe came out.
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
    /// The lowest that failed.
    failed: Option<f64>,
    confirmations: u32,
    /// How often the level has still to hold.
    left: u32,
    lowered: u32,
}

/// What is to be tried.
#[derive(Copy, Clone, Debug, PartialEq)]
pub(super) struct Probe {
    pub(super) level: f64,
    pub(super) purpose: Purpose,
}

/// How a probe came out.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    Held,
    Failed,
}

/// What follows from it.
#[derive(Copy, Clone, Debug, PartialEq)]
pub(super) enum Step {
    Probe(Probe),
    Done(Verdict),
}

/// What a search came to by itself.
#[derive(Copy, Clone, Debug, PartialEq)]
pub(super) enum Verdict {
    /// This is the highest level that holds, and one was found that does not.
    Found(f64),
    /// Even the highest level that was to be tried holds.
    Ceiling(f64),
    /// Not even the lowest level holds.
    Nothing,
    /// Level after level held once and then failed.
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

    /// What is to be tried now.
    pub(super) fn probe(&self) -> Probe {
        self.probe
    }

    /// The highest level that held, below all that failed.
    pub(super) fn held(&self) -> Option<f64> {
        self.held
    }

    /// The lowest that failed.
    pub(super) fn failed(&self) -> Option<f64> {
        self.failed
    }

    /// Takes in how the probe came out.
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

    /// Between the highest level that held and the lowest that failed, as long as they are apart.
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

    /// A level that did not hold again: the next below it, from the beginning.
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
        // It has not held even once as yet.
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

    /// Runs a search to its end: its verdict, and the levels that it tried.
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
    fn raises_narrows_and_confirms() {
        let (verdict, probes) = search(&SearchOptions::default(), |level| level <= 277.0);
        assert_eq!(verdict, Verdict::Found(269.0));
        assert_eq!(levels(&probes, Purpose::Raise), [10.0, 20.0, 40.0, 80.0, 160.0, 320.0]);
        assert_eq!(levels(&probes, Purpose::Narrow), [226.0, 269.0, 293.0, 281.0]);
        assert_eq!(levels(&probes, Purpose::Confirm), [269.0, 269.0]);
    }

    #[test]
    fn a_level_that_does_not_hold_again_makes_way_for_a_lower_one() {
        let mut tries = 0;
        let (verdict, probes) = search(&SearchOptions::default(), |level| {
            tries += u32::from(level == 269.0);
            level < 269.0 || (level == 269.0 && tries < 3)
        });
        assert_eq!(verdict, Verdict::Found(256.0));
        assert_eq!(levels(&probes, Purpose::Confirm), [269.0, 269.0, 256.0, 256.0, 256.0]);
    }

    #[test]
    fn the_ends_of_the_range_are_ends() {
        assert_eq!(search(&SearchOptions::default(), |_| false).0, Verdict::Nothing);
        let (verdict, probes) = search(&SearchOptions::default(), |_| true);
        assert_eq!(verdict, Verdict::Ceiling(1000.0));
        assert_eq!(levels(&probes, Purpose::Confirm), [1000.0, 1000.0]);
        let once = SearchOptions { confirm: 0, ..SearchOptions::default() };
        assert_eq!(search(&once, |_| true).1.len(), 8);
    }

    #[test]
    fn what_never_holds_twice_is_unsteady() {
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

    /// More probes than this no search makes.
    fn probes_max(options: &SearchOptions) -> f64 {
        // Whole users rise by one at least; ten such steps are one of 1.1 or more.
        let raise = (options.to / options.from).ln() / options.step.ln() + 12.0;
        let narrow = (options.step.ln() / options.precision.ln_1p()).max(1.0).log2() + 12.0;
        let confirm = f64::from((LOWERINGS_MAX + 1) * (options.confirm + 1));
        raise + narrow + confirm
    }

    proptest! {
        #[test]
        fn an_ideal_knee_is_found_within_the_precision(options in any_options(), place in 0.0..1.0_f64) {
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
        fn noise_does_not_keep_it_for_ever(options in any_options(), seed: u64, share in 0.0..1.0_f64) {
            let mut rng = Seed::new(seed).rng();
            let (_, probes) = search(&options, |_| rng.random_bool(share));
            prop_assert!((probes.len() as f64) < probes_max(&options), "{} probes", probes.len());
        }
    }
}
