//! The text of a chain file: deserializes raw chains and maps spans to lines.

use std::{ops::Range, sync::Arc};

use toml::{
    Spanned,
    de::{DeTable, DeValue, Error},
};

use super::raw::{
    CHAIN_KEYS, FILE_KEYS, FOREACH_KEYS, HTTP_KEYS, LLM_KEYS, NESTED_KEYS, RETRY_KEYS, RawChain, RawFile,
    STEP_KEYS, TOOL_KEYS,
};
use super::{SpecError, SpecErrorKind, SpecLocation};

/// The largest chain file that is read.
const SOURCE_BYTES_MAX: usize = 4 * 1024 * 1024;

/// A TOML text and the name of its file.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Source<'s> {
    text: &'s str,
    origin: &'s str,
}

/// A position in a chain file.
#[derive(Clone, Debug)]
pub(crate) struct SourcePosition {
    pub(crate) origin: Arc<str>,
    pub(crate) line: usize,
}

impl<'s> Source<'s> {
    pub(crate) fn new(text: &'s str, origin: &'s str) -> Result<Self, SpecError> {
        let source = Self { text, origin };
        if text.len() > SOURCE_BYTES_MAX {
            let kind = SpecErrorKind::TooLong { bytes: text.len(), max: SOURCE_BYTES_MAX };
            return Err(source.error(None, SpecLocation::default(), kind));
        }
        Ok(source)
    }

    pub(super) const fn text(self) -> &'s str {
        self.text
    }

    /// Returns the chains of the file, in file order.
    pub(crate) fn chains(self) -> Result<Vec<(Spanned<String>, RawChain)>, SpecError> {
        let file: RawFile = toml::from_str(self.text).map_err(|error| self.toml_error(&error))?;
        let mut chains: Vec<_> = file.chain.into_iter().collect();
        chains.sort_by_key(|(name, _)| name.span().start);
        Ok(chains)
    }

    /// Returns an error at the line on which `span` begins.
    pub(crate) fn error(
        self,
        span: Option<Range<usize>>,
        location: SpecLocation,
        kind: SpecErrorKind,
    ) -> SpecError {
        SpecError::new(self.origin, span.map(|span| self.line_of(span.start)), location, kind)
    }

    /// Returns the position at which `span` begins.
    pub(crate) fn position(self, span: Range<usize>) -> SourcePosition {
        SourcePosition { origin: self.origin.into(), line: self.line_of(span.start) }
    }

    fn line_of(self, offset: usize) -> usize {
        1 + self.text.bytes().take(offset).filter(|byte| *byte == b'\n').count()
    }

    pub(super) fn toml_error(self, error: &Error) -> SpecError {
        let message = error.message().to_owned();
        let (Ok(table), Some(span)) = (DeTable::parse(self.text), error.span()) else {
            return self.syntax_error(error);
        };
        let path = path_of(table.get_ref(), &span);
        let kind = unknown_key(&path).unwrap_or(SpecErrorKind::Value { message });
        self.error(Some(span), SpecLocation::of_path(&path), kind)
    }

    /// Handles text that is not TOML, including duplicate tables and keys.
    fn syntax_error(self, error: &Error) -> SpecError {
        let near = error.span().and_then(|span| self.text.get(span)).unwrap_or_default().trim();
        let near = near.lines().next().filter(|near| !near.is_empty()).map(str::to_owned);
        let kind = SpecErrorKind::Syntax { message: error.message().to_owned(), near };
        self.error(error.span(), SpecLocation::default(), kind)
    }
}

/// Returns the path of the key at `span`, or of the innermost key whose value contains it.
fn path_of<'t>(table: &'t DeTable<'_>, span: &Range<usize>) -> Vec<&'t str> {
    let mut longest = Vec::new();
    for (key, value) in table {
        let name = &**key.get_ref();
        if key.span() == *span {
            return vec![name];
        }
        let inner = match value.get_ref() {
            DeValue::Table(table) => path_of(table, span),
            _ => Vec::new(),
        };
        let found = !inner.is_empty() || contains(&value.span(), span);
        if found && longest.len() <= inner.len() {
            longest = std::iter::once(name).chain(inner).collect();
        }
    }
    longest
}

fn contains(outer: &Range<usize>, inner: &Range<usize>) -> bool {
    outer.start <= inner.start && inner.end <= outer.end
}

/// Returns an error if the last key of the path is unknown in its table.
fn unknown_key(path: &[&str]) -> Option<SpecErrorKind> {
    let known = match path {
        [_] => FILE_KEYS,
        ["chain", _, _] => CHAIN_KEYS,
        ["chain", _, "step", _, _] => STEP_KEYS,
        ["chain", _, "step", _, "tool", _] => TOOL_KEYS,
        ["chain", _, "step", _, "llm", _] => LLM_KEYS,
        ["chain", _, "step", _, "http", _] => HTTP_KEYS,
        ["chain", _, "step", _, "chain", _] => NESTED_KEYS,
        ["chain", _, "step", _, "foreach", _] => FOREACH_KEYS,
        ["chain", _, "step", _, "retry", _] => RETRY_KEYS,
        _ => return None,
    };
    let key = path.last().filter(|key| !known.contains(key))?;
    let nearest = weir_pace::nearest(key, known.iter().copied()).map(str::to_owned);
    Some(SpecErrorKind::UnknownKey { nearest, known })
}
