//! What is shown, and how the user wants it.

use crate::live::view::{Row, View};

/// What is to stand on the screen.
#[derive(Clone, Debug)]
pub(in crate::live::terminal) struct Shown {
    pub(in crate::live::terminal) title: String,
    /// `None` until the first second is over.
    pub(in crate::live::terminal) view: Option<View>,
    /// How many users there are to be; `None` where it is arrivals that are made.
    pub(in crate::live::terminal) users_wanted: Option<u64>,
    pub(in crate::live::terminal) ending: Ending,
    pub(in crate::live::terminal) table: Part,
    pub(in crate::live::terminal) help: Help,
    /// Rows of the table that are above the screen.
    pub(in crate::live::terminal) scroll: usize,
}

/// Whether the run was told to end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::live::terminal) enum Ending {
    No,
    Soon,
    Now,
}

/// What the table's rows are.
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

    /// Moves the table by so many rows, as far as there are any.
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
