//! Errors of chain files, with their location.

use std::fmt;

use weir_pace::{Diagnostic, quote_key};

use super::SpecErrorKind;

/// An error in a chain file, with its file, line and key (`chain.NAME.step.STEP.KEY`) as far as they are known.
#[derive(Debug)]
pub struct SpecError(Box<(Diagnostic, SpecErrorKind)>);

impl SpecError {
    pub(crate) fn new(diagnostic: Diagnostic, kind: SpecErrorKind) -> Self {
        Self(Box::new((diagnostic, kind)))
    }

    /// An error of this kind at `place`, a diagnostic whose message does not matter.
    pub(crate) fn at(place: Diagnostic, kind: SpecErrorKind) -> Self {
        Self::new(place.with_message(kind.to_string()).suggesting(kind.suggestion()), kind)
    }

    /// An error of the whole file.
    pub(crate) fn of_file(origin: &str, kind: SpecErrorKind) -> Self {
        Self::at(Diagnostic::new(origin, "", ""), kind)
    }

    /// The file is not TOML.
    pub(super) fn syntax(diagnostic: Diagnostic) -> Self {
        let kind = SpecErrorKind::Syntax { message: diagnostic.message().to_owned() };
        Self::new(diagnostic, kind)
    }

    /// The line in the file, counted from 1.
    pub fn line(&self) -> Option<usize> {
        self.0.0.line()
    }

    /// The error and its place in the file.
    pub fn diagnostic(&self) -> &Diagnostic {
        &self.0.0
    }

    /// The kind of error.
    pub fn kind(&self) -> &SpecErrorKind {
        &self.0.1
    }
}

impl fmt::Display for SpecError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.diagnostic().fmt(f)
    }
}

// The text of the kind is part of this error's: it is not its source.
impl std::error::Error for SpecError {}

/// The path of a key of a chain or step.
pub(crate) fn key_path(chain: &str, step: Option<&str>, key: Option<&str>) -> String {
    let (chain, step) = (quote_key(chain), step.map(quote_key));
    let step = step.map(|step| format!(".step.{step}")).unwrap_or_default();
    let key = key.map(|key| format!(".{key}")).unwrap_or_default();
    format!("chain.{chain}{step}{key}")
}

/// A non-empty list of errors.
#[derive(Debug)]
pub(crate) struct SpecErrors {
    first: SpecError,
    more: Vec<SpecError>,
}

impl From<SpecError> for SpecErrors {
    fn from(first: SpecError) -> Self {
        Self { first, more: Vec::new() }
    }
}

impl SpecErrors {
    /// Returns the error that was found first.
    pub(crate) fn first(self) -> SpecError {
        self.first
    }
}

impl IntoIterator for SpecErrors {
    type Item = SpecError;
    type IntoIter = std::iter::Chain<std::iter::Once<SpecError>, std::vec::IntoIter<SpecError>>;

    fn into_iter(self) -> Self::IntoIter {
        std::iter::once(self.first).chain(self.more)
    }
}

/// Collects all values, or all errors.
pub(crate) fn collect_all<T>(
    results: impl IntoIterator<Item = Result<T, SpecError>>,
) -> Result<Vec<T>, SpecErrors> {
    let mut values = Vec::new();
    let mut found: Option<SpecErrors> = None;
    for result in results {
        match (result, &mut found) {
            (Ok(value), _) => values.push(value),
            (Err(error), None) => found = Some(error.into()),
            (Err(error), Some(errors)) => errors.more.push(error),
        }
    }
    found.map_or(Ok(values), Err)
}

/// Returns both values, or the errors of both.
pub(crate) fn join<A, B>(
    one: Result<A, SpecErrors>,
    other: Result<B, SpecErrors>,
) -> Result<(A, B), SpecErrors> {
    match (one, other) {
        (Ok(one), Ok(other)) => Ok((one, other)),
        (Err(mut errors), Err(others)) => {
            errors.more.extend(others);
            Err(errors)
        }
        (Err(errors), Ok(_)) | (Ok(_), Err(errors)) => Err(errors),
    }
}
