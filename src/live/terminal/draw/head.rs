//! The first lines: title and progress. The last line: keys.

use ratatui::{
    Frame,
    layout::{Alignment, Rect},
    text::{Line, Span},
    widgets::{LineGauge, Paragraph},
};
use weir_results::units;

use super::{
    shown::{Ending, Part, Shown},
    theme,
};
use crate::live::view::{LoopKind, RunStage, View};

pub(super) fn title(frame: &mut Frame<'_>, area: Rect, shown: &Shown) {
    let mut left = vec![Span::styled(format!(" {}", shown.title), theme::STRONG)];
    let mut right = vec![Span::styled("starting ", theme::FAINT)];
    if let Some(view) = &shown.view {
        left.push(Span::styled(format!("  {}", view.target), theme::FAINT));
        right = vec![Span::raw(format!("{}  ", population(shown, view))), stage(shown, view), Span::raw(" ")];
    }
    let right = Line::from(right);
    let [room_left, room_right] = split(area, right.width());
    frame.render_widget(Line::from(left), room_left);
    frame.render_widget(Paragraph::new(right).alignment(Alignment::Right), room_right);
}

/// Splits a line; the right part has its full width.
fn split(area: Rect, right: usize) -> [Rect; 2] {
    let right = u16::try_from(right).unwrap_or(u16::MAX).min(area.width);
    let left = Rect { width: (area.width - right).saturating_sub(1), ..area };
    [left, Rect { x: area.x + area.width - right, width: right, ..area }]
}

fn population(shown: &Shown, view: &View) -> String {
    let users = view.now.users;
    match (view.kind, shown.users_wanted) {
        (LoopKind::Arrivals, _) => view.load.clone(),
        (LoopKind::Users, Some(wanted)) if wanted != users => format!("{users} of {wanted} users"),
        (LoopKind::Users, _) if users == 1 => "1 user".to_owned(),
        (LoopKind::Users, _) => format!("{users} users"),
    }
}

fn stage(shown: &Shown, view: &View) -> Span<'static> {
    match (shown.ending, view.stage) {
        (_, RunStage::Ended) => Span::styled("ended", theme::STRONG),
        (Ending::Now, _) => Span::styled("cut", theme::BAD),
        (Ending::Soon, _) => Span::styled("ending", theme::WARNING),
        (Ending::No, RunStage::WarmUp) => Span::styled("warm-up", theme::WARNING),
        (Ending::No, RunStage::Running) => Span::styled("running", theme::ACCENT),
        (Ending::No, RunStage::Draining) => Span::styled("last answers", theme::WARNING),
    }
}

/// The progress by time or by requests.
pub(super) fn progress(frame: &mut Frame<'_>, area: Rect, view: &View) {
    let elapsed = clock(view.elapsed_s as f64);
    let done = view.all.completed + view.all.failed + view.all.rate_limited;
    let (label, share) = match (view.run_time_s, view.requests) {
        (Some(run_time_s), _) => {
            (format!(" {elapsed} of {}", clock(run_time_s)), view.elapsed_s as f64 / run_time_s)
        }
        (None, Some(requests)) => {
            let of = format!("{} of {} requests", units::count(done), units::count(requests));
            (format!(" {elapsed}  {of}"), done as f64 / requests as f64)
        }
        (None, None) => (format!(" {elapsed}"), 0.0),
    };
    let share = if share.is_finite() { share.clamp(0.0, 1.0) } else { 0.0 };
    let gauge = LineGauge::default()
        .ratio(share)
        .filled_symbol("━")
        .unfilled_symbol("─")
        .label(Line::raw(label))
        .filled_style(theme::ACCENT)
        .unfilled_style(theme::FAINT);
    frame.render_widget(gauge, Rect { width: area.width.saturating_sub(1), ..area });
}

pub(super) fn footer(frame: &mut Frame<'_>, area: Rect, shown: &Shown) {
    let stop = match shown.ending {
        Ending::No => "stop",
        Ending::Soon | Ending::Now => "stop at once",
    };
    let other = match shown.table {
        Part::Tasks => "classes",
        Part::Classes => "tasks",
    };
    let mut keys = vec![("q", stop)];
    if shown.users_wanted.is_some() {
        keys.push(("+ -", "users"));
    }
    keys.extend([("p", other), ("?", "help")]);
    let mut spans = vec![Span::raw(" ")];
    for (key, what) in keys {
        spans.push(Span::styled(key, theme::STRONG));
        spans.push(Span::styled(format!(" {what}   "), theme::FAINT));
    }
    frame.render_widget(Line::from(spans), area);
}

/// Minutes and seconds.
pub(super) fn clock(seconds: f64) -> String {
    let whole = seconds.max(0.0).round() as u64;
    let (hours, minutes, seconds) = (whole / 3600, whole / 60 % 60, whole % 60);
    if hours > 0 { format!("{hours}:{minutes:02}:{seconds:02}") } else { format!("{minutes}:{seconds:02}") }
}
