//! Emphasis with ANSI escapes.

/// Whether the text has colours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    /// Without ANSI escapes.
    Plain,
    /// With ANSI escapes.
    Colour,
}

impl Style {
    /// A heading.
    pub(super) fn strong(self, text: &str) -> String {
        self.wrap("1", text)
    }

    /// Less important text.
    pub(super) fn faint(self, text: &str) -> String {
        self.wrap("2", text)
    }

    /// An error.
    pub(super) fn error(self, text: &str) -> String {
        self.wrap("1;31", text)
    }

    /// A warning.
    pub(super) fn warn(self, text: &str) -> String {
        self.wrap("33", text)
    }

    fn wrap(self, code: &str, text: &str) -> String {
        match self {
            Self::Plain => text.to_owned(),
            Self::Colour => format!("\x1b[{code}m{text}\x1b[0m"),
        }
    }
}

/// How a report is laid out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Page {
    /// Whether it has colours.
    pub style: Style,
    /// The columns of the terminal. Lines are at most that long, unless a single word is longer.
    width: usize,
}

/// The smallest and the largest width: fewer columns than the first would not hold a table, and longer lines than the
/// second are hard to read.
const WIDTHS: std::ops::RangeInclusive<usize> = 60..=200;

impl Page {
    /// The width of a page that no terminal shows.
    pub const USUAL_WIDTH: usize = 100;

    /// A page of this width, or of the nearest possible one.
    #[must_use]
    pub fn new(style: Style, width: usize) -> Self {
        Self { style, width: width.clamp(*WIDTHS.start(), *WIDTHS.end()) }
    }

    pub(super) fn width(self) -> usize {
        self.width
    }
}
