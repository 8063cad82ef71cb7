//! The layout of the screen, depending on its size.

use ratatui::{Frame, layout::Rect, text::Line};

use super::{
    bottom, figures, head, help,
    shown::{Help, Shown},
    sparks, table, theme,
};
use crate::live::view::View;

/// A screen with fewer lines has no separating lines.
const ROOMY: u16 = 20;

/// Draws the whole screen.
pub(in crate::live::terminal) fn screen(frame: &mut Frame<'_>, shown: &Shown) {
    let mut room = Room(frame.area());
    let gap = u16::from(room.0.height >= ROOMY);
    head::footer(frame, room.bottom(1), shown);
    head::title(frame, room.top(1), shown);
    match &shown.view {
        None => {
            room.top(gap);
            frame.render_widget(Line::styled("starting ...", theme::FAINT), inset(room.top(1)));
        }
        Some(view) => body(frame, &mut room, gap, shown, view),
    }
    if shown.help == Help::Open {
        help::overlay(frame);
    }
}

fn body(frame: &mut Frame<'_>, room: &mut Room, gap: u16, shown: &Shown, view: &View) {
    head::progress(frame, room.top(1), view);
    room.top(gap);
    figures::draw(frame, inset(room.top(figures::HEIGHT)), view);
    room.top(gap);
    // From below, so that the table gets the remaining lines; its minimum is reserved first.
    let needed = table::height(view, shown.table).min(room.0.height);
    let spare = room.0.height.saturating_sub(needed.min(table::HEIGHT_MIN));
    let below = bottom::height(view, inset(room.0).width).min(spare);
    let bottom_area = room.bottom(below);
    let spare = room.0.height.saturating_sub(needed);
    let lines = spare.saturating_sub(2 * gap);
    table::draw(frame, inset(room.top(needed)), shown, view);
    if lines >= sparks::HEIGHT_MIN {
        room.top(gap);
        sparks::draw(frame, inset(room.top(lines)), view);
    }
    bottom::draw(frame, inset(bottom_area), view);
}

/// The remaining area of the screen.
struct Room(Rect);

impl Room {
    /// Takes up to `lines` lines from the top.
    fn top(&mut self, lines: u16) -> Rect {
        let area = Rect { height: lines.min(self.0.height), ..self.0 };
        self.0.y += area.height;
        self.0.height -= area.height;
        area
    }

    /// Takes up to `lines` lines from the bottom.
    fn bottom(&mut self, lines: u16) -> Rect {
        let height = lines.min(self.0.height);
        self.0.height -= height;
        Rect { y: self.0.y + self.0.height, height, ..self.0 }
    }
}

/// Returns the area without one column at either side.
fn inset(area: Rect) -> Rect {
    Rect { x: area.x + u16::from(area.width > 0), width: area.width.saturating_sub(2), ..area }
}
