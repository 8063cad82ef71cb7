//! Failures and the generator's health.

use ratatui::{
    Frame,
    layout::Rect,
    text::{Line, Span, Text},
};
use weir_results::units;

use super::{head::clock, theme};
use crate::live::view::{FailureRow, Health, ThresholdRow, View};

/// The minimum width for both side by side.
const WIDE: u16 = 128;

/// The maximum number of thresholds.
const THRESHOLDS: usize = 4;

/// The maximum number of kinds of failures.
const FAILURES: usize = 6;

/// The height of both at this width.
pub(super) fn height(view: &View, width: u16) -> u16 {
    let (failures, health) =
        (failure_lines(view).len(), health_lines(&view.thresholds, &view.generator).len());
    let lines = if width >= WIDE { failures.max(health) } else { failures + health };
    u16::try_from(lines).unwrap_or(u16::MAX)
}

/// Health comes first: the other figures of an invalid run are meaningless.
pub(super) fn draw(frame: &mut Frame<'_>, area: Rect, view: &View) {
    let (failures, health) = (failure_lines(view), health_lines(&view.thresholds, &view.generator));
    if area.width >= WIDE {
        let half = area.width / 2;
        let right = Rect { x: area.x + half, width: area.width - half, ..area };
        frame.render_widget(Text::from(health), Rect { width: half - 2, ..area });
        frame.render_widget(Text::from(failures), right);
    } else {
        let mut lines = health;
        lines.extend(failures);
        frame.render_widget(Text::from(lines), area);
    }
}

fn failure_lines(view: &View) -> Vec<Line<'static>> {
    let mut rows = view.failures.iter();
    let mut lines: Vec<Line<'static>> = rows.by_ref().take(FAILURES).map(failure).collect();
    let more = rows.count();
    if more > 0 {
        lines.push(Line::styled(format!("and {more} more kinds"), theme::FAINT));
    }
    if lines.is_empty() {
        lines.push(Line::styled("no failures", theme::FAINT));
    }
    lines
}

fn failure(row: &FailureRow) -> Line<'static> {
    Line::from(vec![
        Span::styled(format!("{} × {}", units::count(row.count), row.kind), theme::BAD),
        Span::raw(format!("  {}", row.task)),
        Span::styled(format!("  last at {}  {}", clock(row.last_s), row.example), theme::FAINT),
    ])
}

/// Each threshold with its figure so far, failed ones first.
fn threshold_lines(thresholds: &[ThresholdRow]) -> Vec<Line<'static>> {
    let mut sorted: Vec<&ThresholdRow> = thresholds.iter().collect();
    sorted.sort_by_key(|row| row.passed);
    let line = |row: &ThresholdRow| {
        let (mark, style) = if row.passed { ("✓", theme::FAINT) } else { ("✗", theme::BAD) };
        Line::styled(format!("{mark} {}: {}", row.text, row.measured), style)
    };
    sorted.into_iter().take(THRESHOLDS).map(line).collect()
}

fn health_lines(thresholds: &[ThresholdRow], health: &Health) -> Vec<Line<'static>> {
    let mut text = format!(
        "generator: lateness p99 {}, lag p99 {}",
        units::ms_or_none(health.lateness_p99_ms),
        units::ms_or_none(health.loop_lag_p99_ms),
    );
    if let Some(cores) = health.cpu_cores {
        text.push_str(&format!(", CPU {}", units::percent(cores)));
    }
    let mut lines = threshold_lines(thresholds);
    lines.push(Line::styled(text, theme::FAINT));
    if health.late + health.shed > 0 {
        let (late, shed) = (units::count(health.late), units::count(health.shed));
        lines.push(Line::styled(format!("{late} arrivals late, {shed} never started"), theme::WARNING));
    }
    let reasons = health.invalid.iter();
    lines.extend(reasons.map(|reason| Line::styled(format!("INVALID: {reason}"), theme::BAD)));
    lines
}
