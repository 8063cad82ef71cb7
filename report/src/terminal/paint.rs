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
