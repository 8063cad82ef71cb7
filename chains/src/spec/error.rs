//! A fault of a chain file, with its place.

use std::fmt;

use crate::plan::PlanError;

/// What is wrong with a chain file, and where: file, line, chain, step and key as far as they are known.
#[derive(Debug)]
pub struct SpecError(Box<Located>);

#[derive(Debug)]
struct Located {
    origin: String,
    line: Option<usize>,
    place: Place,
    problem: PlanError,
}

/// The part of a chain file that a fault lies in.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Place {
    /// The chain.
    pub chain: Option<String>,
    /// The step within that chain.
    pub step: Option<String>,
    /// The key within the step, or else within the chain or the file; dotted.
    pub key: Option<String>,
}

impl SpecError {
    pub(crate) fn new(origin: &str, line: Option<usize>, place: Place, problem: PlanError) -> Self {
        Self(Box::new(Located { origin: origin.to_owned(), line, place, problem }))
    }

    /// The file, as it was named to [`Catalog::parse`](crate::Catalog::parse).
    pub fn origin(&self) -> &str {
        &self.0.origin
    }

    /// The line in that file, counted from 1.
    pub fn line(&self) -> Option<usize> {
        self.0.line
    }

    /// Where in the file's structure.
    pub fn place(&self) -> &Place {
        &self.0.place
    }

    /// What is wrong there.
    pub fn problem(&self) -> &PlanError {
        &self.0.problem
    }
}

impl Place {
    /// The place that the dotted path of a key stands for.
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
        let Located { origin, line, place, problem } = &*self.0;
        f.write_str(origin)?;
        if let Some(line) = line {
            write!(f, ":{line}")?;
        }
        write!(f, ": {place}{problem}")
    }
}

impl fmt::Display for Place {
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
        Some(&self.0.problem)
    }
}
