//! Compares sequential and parallel runs.

use std::{fmt::Write as _, time::Duration};

use weir_chains::{ExecutionMode, Plan, Trace};
use weir_results::{efficiency_in_words, units};

use super::{
    expectation::speedup,
    report::order_of_steps,
    session::Finished,
    table::{Column, Table},
};

/// Pairs of a sequential and a parallel run.
#[derive(Debug)]
pub(super) struct Comparison<'p> {
    plan: &'p Plan,
    parallel: ExecutionMode,
    arms: [Arm; 2],
}

/// The runs of one mode.
#[derive(Debug, Default)]
struct Arm {
    walls: Vec<Duration>,
    /// Sums over all its runs.
    sum_of_steps: Duration,
    critical_path: Duration,
    shortest: Option<RunLengths>,
    last: Option<Finished>,
}

/// A run's wall time and the bounds that its own trace sets to it.
#[derive(Clone, Copy, Debug)]
struct RunLengths {
    wall: Duration,
    sum_of_steps: Duration,
    critical_path: Duration,
}

impl<'p> Comparison<'p> {
    pub(super) fn new(plan: &'p Plan, parallel: ExecutionMode) -> Self {
        Self { plan, parallel, arms: [Arm::default(), Arm::default()] }
    }

    /// Returns the order of a pair, which alternates, so that drift over time affects both modes.
    pub(super) const fn turns(&self, pair: u32) -> [ExecutionMode; 2] {
        if pair.is_multiple_of(2) {
            [ExecutionMode::Sequential, self.parallel]
        } else {
            [self.parallel, ExecutionMode::Sequential]
        }
    }

    /// Adds a completed run.
    pub(super) fn add(&mut self, run: Finished) {
        let [sequential, parallel] = &mut self.arms;
        let arm = if run.mode == ExecutionMode::Sequential { sequential } else { parallel };
        if let Some(trace) = run.completed() {
            arm.add(trace);
            arm.last = Some(run);
        }
    }

    /// Draws the last run of each mode as bars over one axis, with the figures of all runs.
    pub(super) fn text(&self) -> String {
        let axis = self.arms.iter().filter_map(|arm| arm.last.as_ref()).map(Finished::wall).max();
        let mut text = String::new();
        for run in self.arms.iter().filter_map(|arm| arm.last.as_ref()) {
            text.push_str(&run.chart(self.plan, axis.unwrap_or_default()));
            text.push('\n');
        }
        let [sequential, parallel] = &self.arms;
        // Writing to a string cannot fail.
        match (sequential.median(), parallel.median()) {
            (Some(one_by_one), Some(at_once)) => {
                let _ = write!(text, "{}\n{}", self.walls().text(), self.gain(one_by_one, at_once));
            }
            _ => text.push_str("no speedup: no pair of runs has completed\n"),
        }
        text
    }

    fn walls(&self) -> Table<6> {
        let mut table = Table::new([
            Column::Words("steps"),
            Column::Figures("runs"),
            Column::Figures("median"),
            Column::Figures("shortest"),
            Column::Figures("longest"),
            Column::Words("at best (shortest run)"),
        ]);
        let [sequential, parallel] = &self.arms;
        let bounds = [
            (
                ExecutionMode::Sequential,
                sequential,
                "sum of steps",
                sequential.shortest.map(|run| run.sum_of_steps),
            ),
            (self.parallel, parallel, "critical path", parallel.shortest.map(|run| run.critical_path)),
        ];
        for (mode, arm, what, bound) in bounds {
            let figure = |wall: Option<Duration>| wall.map(units::duration).unwrap_or_default();
            table.row([
                order_of_steps(mode),
                arm.walls.len().to_string(),
                figure(arm.median()),
                figure(arm.shortest.map(|run| run.wall)),
                figure(arm.walls.iter().max().copied()),
                format!("{what} {}", figure(bound)),
            ]);
        }
        table
    }

    fn gain(&self, one_by_one: Duration, at_once: Duration) -> String {
        let reached = speedup(one_by_one, at_once);
        let all = |part: fn(&Arm) -> Duration| self.arms.iter().map(part).sum();
        let ideal = speedup(all(|arm| arm.sum_of_steps), all(|arm| arm.critical_path));
        let (reached, ideal, efficiency) =
            (units::ratio(reached), units::ratio(ideal), efficiency_in_words(reached / ideal));
        format!("  speedup {reached}   ideal {ideal}, efficiency {efficiency}\n")
    }
}

impl Arm {
    fn add(&mut self, trace: &Trace) {
        let run = RunLengths {
            wall: trace.wall,
            sum_of_steps: trace.sum_of_steps(),
            critical_path: trace.critical_path().duration,
        };
        self.walls.push(run.wall);
        self.sum_of_steps += run.sum_of_steps;
        self.critical_path += run.critical_path;
        self.shortest = self.shortest.filter(|shortest| shortest.wall <= run.wall).or(Some(run));
    }

    fn median(&self) -> Option<Duration> {
        let mut walls = self.walls.clone();
        walls.sort_unstable();
        let below = *walls.get(walls.len().checked_sub(1)? / 2)?;
        let above = *walls.get(walls.len() / 2)?;
        Some((below + above) / 2)
    }
}

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;

    use super::*;
    use crate::chains::testing::{PARALLEL, plan, run};

    #[test]
    fn text_draws_both_modes_on_one_axis() {
        let plan = plan(
            "[chain.c.step.a]\ntool = { takes = '2s' }\n[chain.c.step.b]\ntool = { takes = '1s' }\n\
             [chain.c.step.c]\ntool = { takes = '1s' }",
        );
        let mut comparison = Comparison::new(&plan, PARALLEL);
        assert_snapshot!(comparison.text(), @"no speedup: no pair of runs has completed");
        for pair in 0..2 {
            for mode in comparison.turns(pair) {
                comparison.add(run(&plan, mode, None));
            }
        }
        assert_snapshot!(comparison.text(), @"
        c, sequential: completed

          step    start     took  0                                 4.00 s
          a        0 µs   2.00 s  ████████████████████
          b      2.00 s   1.00 s                      ██████████
          c      3.00 s   1.00 s                                ██████████

        c, parallel: completed

          step    start     took  0                                 4.00 s
          a        0 µs   2.00 s  ████████████████████
          b        0 µs   1.00 s  ██████████
          c        0 µs   1.00 s  ██████████

          steps       runs  median  shortest  longest  at best (shortest run)
          sequential     2  4.00 s    4.00 s   4.00 s  sum of steps 4.00 s
          parallel       2  2.00 s    2.00 s   2.00 s  critical path 2.00 s

          speedup 2.00 ×   ideal 2.00 ×, efficiency 100 %
        ");
    }

    #[test]
    fn text_of_unequal_runs_bounds_the_shortest_by_its_own_steps() {
        let steps = |takes: &str| {
            plan(&format!(
                "[chain.c.step.a]\ntool = {{ takes = '{takes}' }}\n[chain.c.step.b]\ntool = {{ takes = '1s' }}"
            ))
        };
        let (slow, fast) = (steps("9s"), steps("2s"));
        let mut comparison = Comparison::new(&slow, PARALLEL);
        for plan in [&slow, &fast, &slow] {
            comparison.add(run(plan, ExecutionMode::Sequential, None));
            comparison.add(run(plan, PARALLEL, None));
        }
        let text = comparison.text();
        assert!(text.contains("sum of steps 3.00 s") && text.contains("critical path 2.00 s"), "{text}");
    }

    #[test]
    fn median_of_walls_is_the_middle_value() {
        let arm = |seconds: &[u64]| Arm {
            walls: seconds.iter().map(|seconds| Duration::from_secs(*seconds)).collect(),
            ..Arm::default()
        };
        assert_eq!(arm(&[]).median(), None);
        assert_eq!(arm(&[9, 1, 2]).median(), Some(Duration::from_secs(2)));
        assert_eq!(arm(&[9, 1, 2, 3]).median(), Some(Duration::from_millis(2_500)));
    }
}
