//! The text of a chain file: deserializes raw chains and locates errors.

use std::ops::Range;

use toml::{Spanned, de::DeTable};
use weir_pace::{Diagnostic, Document, SettingError, TomlNode, read_settings};

use super::raw::{RawChain, RawFile};
use super::{SpecError, SpecErrorKind};

/// The largest chain file that is read.
const SOURCE_BYTES_MAX: usize = 4 * 1024 * 1024;

/// A chain file that is valid TOML.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Source<'s> {
    document: &'s Document<'s>,
}

/// Parses the text of the chain file `origin` and passes it to `read`.
pub(crate) fn with_source<T, E: From<SpecError>>(
    text: &str,
    origin: &str,
    read: impl FnOnce(Source<'_>) -> Result<T, E>,
) -> Result<T, E> {
    if text.len() > SOURCE_BYTES_MAX {
        let kind = SpecErrorKind::TooLong { bytes: text.len(), max: SOURCE_BYTES_MAX };
        return Err(SpecError::of_file(origin, kind).into());
    }
    let document = Document::parse(origin, text).map_err(SpecError::syntax)?;
    read(Source { document: &document })
}

impl Source<'_> {
    /// Returns the chains of the file, in file order.
    pub(crate) fn chains(self) -> Result<Vec<(Spanned<String>, RawChain)>, SpecError> {
        read(self.document.root().get_ref()).map_err(|error| self.setting_error(error))
    }

    /// The parsed text.
    pub(super) fn root(&self) -> &Spanned<DeTable<'_>> {
        self.document.root()
    }

    /// Returns an error of `key` at `span`.
    pub(crate) fn error(self, span: Option<Range<usize>>, key: &str, kind: SpecErrorKind) -> SpecError {
        SpecError::at(self.place(span, key), kind)
    }

    /// Returns the place of `key` at `span`, as a diagnostic without a message.
    pub(crate) fn place(self, span: Option<Range<usize>>, key: &str) -> Diagnostic {
        self.document.diagnostic_at(span, key, "")
    }

    pub(super) fn setting_error(self, error: SettingError) -> SpecError {
        SpecError::new(self.document.setting_error(&error), SpecErrorKind::Setting(error.problem))
    }
}

/// Deserializes the chains of a table, in file order.
pub(super) fn read(table: &DeTable<'_>) -> Result<Vec<(Spanned<String>, RawChain)>, SettingError> {
    let file: RawFile = read_settings(TomlNode::Root(table))?;
    let mut chains: Vec<_> = file.chain.into_iter().collect();
    chains.sort_by_key(|(name, _)| name.span().start);
    Ok(chains)
}
