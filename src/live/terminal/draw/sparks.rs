//! Sparklines of the last minutes.

use ratatui::{
    Frame,
    layout::{Alignment, Rect},
    style::Style,
    text::{Line, Span},
    widgets::{Paragraph, Sparkline, SparklineBar},
};
use weir_results::units;

use super::theme;
use crate::live::view::{History, View};

/// Two rows, each with a title and at least one line of bars.
pub(super) const HEIGHT_MIN: u16 = 4;

/// Bars are integers: a value is scaled to this many parts of the maximum.
const PARTS: f64 = 1_000.0;

struct Spark {
    name: &'static str,
    now: String,
    /// Formats a value of the scale.
    scale: fn(f64) -> String,
    values: Vec<Option<f64>>,
    style: Style,
}

/// Draws four sparklines in two rows.
pub(super) fn draw(frame: &mut Frame<'_>, area: Rect, view: &View) {
    let (width, height) = (area.width.saturating_sub(2) / 2, area.height / 2);
    for (place, spark) in (0..).zip(sparks(&view.history)) {
        let (column, row) = (place % 2, place / 2);
        let x = area.x + column * (width + 2);
        let cell = Rect { x, y: area.y + row * height, width, height }.intersection(area);
        one(frame, cell, spark);
    }
}

fn sparks(history: &History) -> [Spark; 4] {
    let counts = |values: &[u64]| values.iter().map(|value| Some(*value as f64)).collect::<Vec<_>>();
    let latest = |values: &[Option<f64>]| values.last().copied().flatten();
    let completed = counts(&history.completed_per_s);
    let failed = counts(&history.failed_per_s);
    [
        Spark {
            name: "req/s, last second",
            now: units::figure(latest(&completed).unwrap_or_default()),
            scale: units::figure,
            values: completed,
            style: theme::ACCENT,
        },
        Spark {
            name: "e2e p95",
            now: units::ms_or_none(latest(&history.e2e_p95_ms)),
            scale: units::ms,
            values: history.e2e_p95_ms.clone(),
            style: theme::ACCENT,
        },
        Spark {
            name: "TTFT p50",
            now: units::ms_or_none(latest(&history.ttft_p50_ms)),
            scale: units::ms,
            values: history.ttft_p50_ms.clone(),
            style: theme::ACCENT,
        },
        Spark {
            name: "failed/s, last second",
            now: units::figure(latest(&failed).unwrap_or_default()),
            scale: units::figure,
            values: failed,
            style: theme::BAD,
        },
    ]
}

fn one(frame: &mut Frame<'_>, area: Rect, spark: Spark) {
    let title = Line::from(vec![
        Span::styled(spark.name, theme::FAINT),
        Span::raw("  "),
        Span::styled(spark.now, theme::STRONG),
    ]);
    let bars = Rect { y: area.y.saturating_add(1), height: area.height.saturating_sub(1), ..area }
        .intersection(area);
    let from = spark.values.len().saturating_sub(usize::from(bars.width));
    let latest = spark.values.get(from..).unwrap_or_default();
    let highest = latest.iter().flatten().copied().fold(0.0, f64::max);
    let title_width = title.width();
    frame.render_widget(title, area);
    if highest > 0.0 {
        let scale = Line::styled(format!("max {}", (spark.scale)(highest)), theme::FAINT);
        if title_width + scale.width() < usize::from(area.width) {
            let room = Rect { height: area.height.min(1), ..area };
            frame.render_widget(Paragraph::new(scale).alignment(Alignment::Right), room);
        }
    }
    let part = |value: f64| if highest > 0.0 { (value / highest * PARTS).round() as u64 } else { 0 };
    let data = latest.iter().map(|value| SparklineBar::from(value.map(part)));
    let line = Sparkline::default()
        .data(data.collect::<Vec<_>>())
        .max(PARTS as u64)
        .absent_value_symbol(" ")
        .style(spark.style);
    frame.render_widget(line, bars);
}
