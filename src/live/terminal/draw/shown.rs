//! The state of the screen.

use crate::live::view::{Row, View};

/// The state of the screen.
#[derive(Clone, Debug)]
pub(in crate::live::terminal) struct Shown {
    pub(in crate::live::terminal) title: String,
    /// `None` until the first second is over.
    pub(in crate::live::terminal) view: Option<View>,
    /// The target number of users; `None` in an open loop.
    pub(in crate::live::terminal) users_wanted: Option<u64>,
    pub(in crate::live::terminal) ending: Ending,
    pub(in crate::live::terminal) table: Part,
    pub(in crate::live::terminal) help: Help,
    /// Rows of the table that are scrolled out above.
    pub(in crate::live::terminal) scroll: usize,
}

/// Whether the run is ending.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::live::terminal) enum Ending {
    No,
    Soon,
    Now,
}

/// The kind of the table's rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::live::terminal) enum Part {
    Tasks,
    Classes,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::live::terminal) enum Help {
    Hidden,
    Open,
}

impl Part {
    pub(super) fn rows(self, view: &View) -> &[Row] {
        match self {
            Self::Tasks => &view.tasks,
            Self::Classes => &view.classes,
        }
    }
}

impl Shown {
    pub(in crate::live::terminal) fn new(title: String) -> Self {
        Self {
            title,
            view: None,
            users_wanted: None,
            ending: Ending::No,
            table: Part::Tasks,
            help: Help::Hidden,
            scroll: 0,
        }
    }

    /// Scrolls the table by a number of rows, within its range.
    pub(in crate::live::terminal) fn scroll_by(&mut self, rows: isize) {
        let there = self.view.as_ref().map_or(0, |view| self.table.rows(view).len());
        self.scroll = self.scroll.saturating_add_signed(rows).min(there.saturating_sub(1));
    }

    pub(in crate::live::terminal) fn turn_table(&mut self) {
        self.scroll = 0;
        self.table = match self.table {
            Part::Tasks => Part::Classes,
            Part::Classes => Part::Tasks,
        };
    }

    pub(in crate::live::terminal) fn turn_help(&mut self) {
        self.help = match self.help {
            Help::Hidden => Help::Open,
            Help::Open => Help::Hidden,
        };
    }
}
