//! The text of a chain file: deserializes raw chains and locates errors.

use std::{ops::Range, sync::Arc};

use toml::{
    Spanned,
    de::{DeTable, Deserializer},
};
use weir_pace::{Document, SettingError};

use super::raw::{RawChain, RawFile};
use super::{SpecError, SpecErrorKind};

/// The largest chain file that is read.
const SOURCE_BYTES_MAX: usize = 4 * 1024 * 1024;

/// A chain file that is valid TOML.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Source<'s> {
    document: &'s Document<'s>,
    text: &'s str,
    origin: &'s str,
}

/// A position in a chain file.
#[derive(Clone, Debug)]
pub(crate) struct SourcePosition {
    pub(crate) origin: Arc<str>,
    pub(crate) line: usize,
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
    read(Source { document: &document, text, origin })
}

impl Source<'_> {
    /// Returns the chains of the file, in file order.
    pub(crate) fn chains(self) -> Result<Vec<(Spanned<String>, RawChain)>, SpecError> {
        let root = self.document.root();
        read(root.get_ref().clone(), root.span()).map_err(|error| self.setting_error(error))
    }

    /// The parsed text.
    pub(super) fn root(&self) -> &Spanned<DeTable<'_>> {
        self.document.root()
    }

    /// Returns an error of `key` at `span`.
    pub(crate) fn error(self, span: Option<Range<usize>>, key: &str, kind: SpecErrorKind) -> SpecError {
        SpecError::new(self.document.diagnostic_at(span, key, kind.to_string()), kind)
    }

    pub(super) fn setting_error(self, error: SettingError) -> SpecError {
        SpecError::new(self.document.setting_error(&error), SpecErrorKind::Setting(error.problem))
    }

    /// Returns the position at which `span` begins.
    pub(crate) fn position(self, span: Range<usize>) -> SourcePosition {
        let before = self.text.bytes().take(span.start);
        let line = 1 + before.filter(|byte| *byte == b'\n').count();
        SourcePosition { origin: self.origin.into(), line }
    }
}

/// Deserializes the chains of a table, in file order.
pub(super) fn read(
    table: DeTable<'_>,
    span: Range<usize>,
) -> Result<Vec<(Spanned<String>, RawChain)>, SettingError> {
    let deserializer = Deserializer::from(Spanned::new(span, table));
    let file: RawFile = weir_pace::read_settings(deserializer)?;
    let mut chains: Vec<_> = file.chain.into_iter().collect();
    chains.sort_by_key(|(name, _)| name.span().start);
    Ok(chains)
}
