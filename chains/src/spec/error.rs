//! Errors of chain files, with their location.

use std::fmt;

use super::SpecErrorKind;

/// An error in a chain file, with its file, line, chain, step and key as far as they are known.
#[derive(Debug)]
pub struct SpecError(Box<ErrorDetails>);

#[derive(Debug)]
struct ErrorDetails {
    origin: String,
    line: Option<usize>,
    location: SpecLocation,
    kind: SpecErrorKind,
}

/// The part of a chain file that contains an error.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SpecLocation {
    /// The chain.
    pub chain: Option<String>,
    /// The step within that chain.
    pub step: Option<String>,
    /// The key within the step, or else within the chain or the file; dotted.
    pub key: Option<String>,
}

impl SpecError {
    pub(crate) fn new(
        origin: &str,
        line: Option<usize>,
        location: SpecLocation,
        kind: SpecErrorKind,
    ) -> Self {
        Self(Box::new(ErrorDetails { origin: origin.to_owned(), line, location, kind }))
    }

    /// The file name passed to [`Catalog::parse`](crate::Catalog::parse).
    pub fn origin(&self) -> &str {
        &self.0.origin
    }

    /// The line in that file, counted from 1.
    pub fn line(&self) -> Option<usize> {
        self.0.line
    }

    /// The location in the structure of the file.
    pub fn location(&self) -> &SpecLocation {
        &self.0.location
    }

    /// The kind of error.
    pub fn kind(&self) -> &SpecErrorKind {
        &self.0.kind
    }
}

impl SpecLocation {
    /// Converts the path of a key.
    pub(super) fn of_path(path: &[&str]) -> Self {
        let (chain, rest) = match path {
            ["chain", chain, rest @ ..] => (Some(*chain), rest),
            _ => (None, path),
        };
        let (step, rest) = match rest {
            ["step", step, rest @ ..] => (Some(*step), rest),
            _ => (None, rest),
        };
        let key = (!rest.is_empty()).then(|| rest.join("."));
        Self { chain: chain.map(str::to_owned), step: step.map(str::to_owned), key }
    }
}

impl fmt::Display for SpecError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ErrorDetails { origin, line, location, kind } = &*self.0;
        f.write_str(origin)?;
        if let Some(line) = line {
            write!(f, ":{line}")?;
        }
        write!(f, ": {location}{kind}")
    }
}

impl fmt::Display for SpecLocation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let parts = [("chain ", &self.chain), ("step ", &self.step), ("", &self.key)];
        let mut parts =
            parts.iter().filter_map(|(what, name)| name.as_ref().map(|name| (what, name))).peekable();
        while let Some((what, name)) = parts.next() {
            write!(f, "{what}`{name}`{}", if parts.peek().is_some() { ", " } else { ": " })?;
        }
        Ok(())
    }
}

impl std::error::Error for SpecError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.0.kind)
    }
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
