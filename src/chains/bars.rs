//! Steps as bars over time: a line each.

use std::{ops::Range, time::Duration};

use weir_results::units;

use super::board::{Board, End, Stint};

/// Cells of the time axis: with names and times beside it a line fits a narrow terminal.
const CELLS: usize = 40;
const TIME_WIDTH: usize = 7;
/// The heads of the columns.
const STEP: &str = "step";

/// A line for each of `stints`, under a head with the time axis, which goes from the start of the run to `axis`; `now`
/// is when those at work are looked at.
pub(super) fn bars(stints: &[Stint], now: Duration, axis: Duration) -> String {
    let names = stints.iter().map(|stint| stint.step.name().len()).chain([STEP.len()]);
    let width = names.max().unwrap_or(0);
    let end = units::duration(axis);
    let scale = format!("0{end:>rest$}", rest = CELLS - 1);
    let mut text = format!("  {STEP:<width$}  {:>TIME_WIDTH$}  {:>TIME_WIDTH$}  {scale}\n", "start", "took");
    for stint in stints {
        let (start, took) = (units::duration(stint.started), units::duration(stint.elapsed(now)));
        let bar = bar(stint.end, cells(stint.started..stint.ended(now), axis));
        let word = match stint.end {
            End::Otherwise(_, word) => word,
            End::Open | End::Completed(_) => "",
        };
        let line = format!(
            "  {:<width$}  {start:>TIME_WIDTH$}  {took:>TIME_WIDTH$}  {bar:<CELLS$}  {word}",
            stint.step.name()
        );
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}

impl Board {
    /// All steps so far.
    pub(super) fn bars(&self, now: Duration, axis: Duration) -> String {
        bars(&self.stints, now, axis)
    }
}

fn bar(end: End, cells: Range<usize>) -> String {
    let fill = match end {
        End::Completed(_) => "█",
        End::Open => "▒",
        End::Otherwise(..) => "░",
    };
    " ".repeat(cells.start) + &fill.repeat(cells.len())
}

/// The cells that a stretch of time touches, one at least.
fn cells(stretch: Range<Duration>, axis: Duration) -> Range<usize> {
    let place = |at: Duration| match axis.is_zero() {
        true => 0.0,
        false => (at.as_secs_f64() / axis.as_secs_f64()).min(1.0) * CELLS as f64,
    };
    // Rounding must not make a bar touch a cell in which it only ends.
    const CRUMB: f64 = 1e-6;
    let first = ((place(stretch.start) + CRUMB).floor() as usize).min(CELLS - 1);
    let last = ((place(stretch.end) - CRUMB).ceil().max(0.0) as usize).clamp(first + 1, CELLS);
    first..last
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use proptest::prelude::*;
    use weir_chains::{Catalog, Plan};

    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    fn plan() -> Arc<Plan> {
        let source = "
            [chain.c.step.summary]
            tool = { takes = '1ms' }
            [chain.c.step.a]
            tool = { takes = '1ms' }
            [chain.c.step.join]
            tool = { takes = '1ms' }";
        Arc::clone(Catalog::parse(source, "mine.toml").unwrap().get("c").unwrap())
    }

    fn board(started_and_ends: [(Duration, End); 3]) -> Board {
        let plan = plan();
        let stints = plan.steps().iter().zip(started_and_ends).map(|(step, (started, end))| Stint {
            step: Arc::clone(step),
            started,
            end,
        });
        Board { stints: stints.collect() }
    }

    #[test]
    fn bars_stand_where_their_steps_were_at_work() {
        let board = board([
            (Duration::ZERO, End::Completed(SECOND)),
            (SECOND, End::Otherwise(SECOND, "failed")),
            (SECOND, End::Open),
        ]);
        insta::assert_snapshot!(board.bars(3 * SECOND, 4 * SECOND), @"
          step       start     took  0                                 4.00 s
          summary     0 µs   1.00 s  ██████████
          a         1.00 s     0 µs            ░                               failed
          join      1.00 s   2.00 s            ▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒
        ");
    }

    #[test]
    fn a_run_that_took_no_time_has_bars_too() {
        let none = (Duration::ZERO, End::Completed(Duration::ZERO));
        insta::assert_snapshot!(board([none; 3]).bars(Duration::ZERO, Duration::ZERO), @"
          step       start     took  0                                   0 µs
          summary     0 µs     0 µs  █
          a           0 µs     0 µs  █
          join        0 µs     0 µs  █
        ");
    }

    proptest! {
        #[test]
        fn a_bar_is_never_empty_nor_beyond_the_axis(from in 0_u64..5_000, took in 0_u64..5_000, axis in 0_u64..5_000) {
            let ms = Duration::from_millis;
            let cells = cells(ms(from)..ms(from + took), ms(axis));
            prop_assert!(cells.start < cells.end && cells.end <= CELLS);
        }
    }
}
