//! The help on keys.

use ratatui::{
    Frame,
    layout::Rect,
    text::{Line, Span},
    widgets::{Block, Clear, Paragraph},
};

use super::theme;

const KEYS: [(&str, &str); 6] = [
    ("q, ctrl-C", "end the run and report it; once more: at once"),
    ("+ -, ↑ ↓", "a tenth more users or fewer"),
    ("ctrl-↑ ctrl-↓", "ten times that"),
    ("p", "figures by task or by class"),
    ("page up, down", "more rows of the table"),
    ("?", "this help"),
];

const WIDTH: u16 = 68;

/// Draws the help in the middle, over everything else.
pub(super) fn overlay(frame: &mut Frame<'_>) {
    let lines: Vec<Line<'_>> = KEYS
        .iter()
        .map(|(key, what)| {
            Line::from(vec![Span::styled(format!(" {key:<15}"), theme::STRONG), Span::raw(*what)])
        })
        .collect();
    let whole = frame.area();
    let height = u16::try_from(lines.len() + 2).unwrap_or(u16::MAX).min(whole.height);
    let width = WIDTH.min(whole.width);
    let area = Rect {
        x: whole.x + (whole.width - width) / 2,
        y: whole.y + (whole.height - height) / 2,
        width,
        height,
    };
    frame.render_widget(Clear, area);
    frame.render_widget(Paragraph::new(lines).block(Block::bordered().title(" keys ")), area);
}
