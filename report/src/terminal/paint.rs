//! Emphasis, where the terminal takes it.

/// Whether the text may carry colours. Its reader decides: a terminal without `NO_COLOR` may.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    /// Letters only.
    Plain,
    /// With ANSI escapes.
    Colour,
}

impl Style {
    /// A heading.
    pub(super) fn strong(self, text: &str) -> String {
        self.wrap("1", text)
    }

    /// What matters less.
    pub(super) fn faint(self, text: &str) -> String {
        self.wrap("2", text)
    }

    /// What the reader must not miss.
    pub(super) fn alarm(self, text: &str) -> String {
        self.wrap("1;31", text)
    }

    /// What the reader should keep in mind.
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
