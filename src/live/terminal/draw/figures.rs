//! The big figures.

use ratatui::{
    Frame,
    layout::Rect,
    style::Style,
    text::{Line, Text},
};
use weir_results::units;

use super::theme;
use crate::live::view::View;

/// A label and a value.
pub(super) const HEIGHT: u16 = 2;

/// The width of a figure.
const WIDTH: u16 = 13;

struct Figure {
    name: String,
    value: String,
    style: Style,
}

/// Draws as many figures as fit, the most important ones first.
pub(super) fn draw(frame: &mut Frame<'_>, area: Rect, view: &View) {
    let places = usize::from(area.width / WIDTH).max(1);
    for (place, figure) in (0..).zip(figures(view).into_iter().take(places)) {
        let x = area.x + WIDTH.saturating_mul(place);
        let cell = Rect { x, width: WIDTH, ..area }.intersection(area);
        let text = Text::from(vec![
            Line::styled(figure.name, theme::FAINT),
            Line::styled(figure.value, figure.style),
        ]);
        frame.render_widget(text, cell);
    }
}

fn figures(view: &View) -> Vec<Figure> {
    let now = &view.now;
    let figure = |name: &str, value| Figure { name: name.to_owned(), value, style: theme::STRONG };
    // Of the last seconds, where the table has means of the run.
    let recent = |name: &str| format!("{name} {} s", now.over_s);
    let errors = now.error_share.unwrap_or_default();
    let mut figures = vec![
        figure(&recent("req/s"), units::figure(now.requests_per_s)),
        Figure {
            name: recent("errors"),
            value: now.error_share.map_or_else(|| units::NOT_AVAILABLE.to_owned(), units::percent),
            style: if errors > 0.0 { theme::BAD } else { theme::STRONG },
        },
        figure("e2e p95", units::ms_or_none(view.all.e2e_p95_ms)),
    ];
    if view.all.ttft_p50_ms.is_some() {
        figures.push(figure("TTFT p50", units::ms_or_none(view.all.ttft_p50_ms)));
    }
    if now.tokens_per_s > 0.0 {
        figures.push(figure(&recent("tok/s"), units::figure(now.tokens_per_s)));
    }
    figures.push(figure("in flight", units::count(now.in_flight)));
    figures.push(figure("completed", units::count(view.all.completed)));
    figures.push(figure("failed", units::count(view.all.failed)));
    figures
}
