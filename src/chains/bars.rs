//! Draws steps as bars over time, one line each.

use std::{ops::Range, time::Duration};

use weir_results::units;

use super::step_timeline::{SpanStatus, StepSpan, StepTimeline};

/// Cells of the time axis: with names and times, a line fits a narrow terminal.
const CELLS: usize = 40;
const TIME_WIDTH: usize = 7;
/// The column headers.
const STEP: &str = "step";

/// Draws a line for each of `spans`, under a header with the time axis from the start of the run to `axis`; running
/// steps end at `now`.
pub(super) fn bars(spans: &[StepSpan], now: Duration, axis: Duration) -> String {
    let names = spans.iter().map(|span| span.step.name().len()).chain([STEP.len()]);
    let width = names.max().unwrap_or(0);
    let end = units::duration(axis);
    let scale = format!("0{end:>rest$}", rest = CELLS - 1);
    let mut text = format!("  {STEP:<width$}  {:>TIME_WIDTH$}  {:>TIME_WIDTH$}  {scale}\n", "start", "took");
    for span in spans {
        let (start, took) = (units::duration(span.started), units::duration(span.elapsed(now)));
        let bar = bar(span.end, cells(span.started..span.ended(now), axis));
        let word = match span.end {
            SpanStatus::Failed(_, word) => word,
            SpanStatus::Running | SpanStatus::Completed(_) => "",
        };
        let line = format!(
            "  {:<width$}  {start:>TIME_WIDTH$}  {took:>TIME_WIDTH$}  {bar:<CELLS$}  {word}",
            span.step.name()
        );
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}

impl StepTimeline {
    /// Draws all steps so far.
    pub(super) fn bars(&self, now: Duration, axis: Duration) -> String {
        bars(&self.spans, now, axis)
    }
}

fn bar(end: SpanStatus, cells: Range<usize>) -> String {
    let fill = match end {
        SpanStatus::Completed(_) => "█",
        SpanStatus::Running => "▒",
        SpanStatus::Failed(..) => "░",
    };
    " ".repeat(cells.start) + &fill.repeat(cells.len())
}

/// Returns the cells that a span of time touches, at least one.
fn cells(stretch: Range<Duration>, axis: Duration) -> Range<usize> {
    let place = |at: Duration| match axis.is_zero() {
        true => 0.0,
        false => (at.as_secs_f64() / axis.as_secs_f64()).min(1.0) * CELLS as f64,
    };
    // Rounding must not extend a bar into a cell at whose start it ends.
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

    fn timeline(started_and_ends: [(Duration, SpanStatus); 3]) -> StepTimeline {
        let plan = plan();
        let spans = plan.steps().iter().zip(started_and_ends).map(|(step, (started, end))| StepSpan {
            step: Arc::clone(step),
            started,
            end,
        });
        StepTimeline { spans: spans.collect() }
    }

    #[test]
    fn bars_cover_the_times_of_their_steps() {
        let timeline = timeline([
            (Duration::ZERO, SpanStatus::Completed(SECOND)),
            (SECOND, SpanStatus::Failed(SECOND, "failed")),
            (SECOND, SpanStatus::Running),
        ]);
        insta::assert_snapshot!(timeline.bars(3 * SECOND, 4 * SECOND), @"
          step       start     took  0                                 4.00 s
          summary     0 µs   1.00 s  ██████████
          a         1.00 s     0 µs            ░                               failed
          join      1.00 s   2.00 s            ▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒
        ");
    }

    #[test]
    fn bars_of_an_instant_run_are_not_empty() {
        let none = (Duration::ZERO, SpanStatus::Completed(Duration::ZERO));
        insta::assert_snapshot!(timeline([none; 3]).bars(Duration::ZERO, Duration::ZERO), @"
          step       start     took  0                                   0 µs
          summary     0 µs     0 µs  █
          a           0 µs     0 µs  █
          join        0 µs     0 µs  █
        ");
    }

    proptest! {
        #[test]
        fn cells_of_any_span_are_within_the_axis(from in 0_u64..5_000, took in 0_u64..5_000, axis in 0_u64..5_000) {
            let ms = Duration::from_millis;
            let cells = cells(ms(from)..ms(from + took), ms(axis));
            prop_assert!(cells.start < cells.end && cells.end <= CELLS);
        }
    }
}
