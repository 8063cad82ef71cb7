//! A table of a distribution, asked for its keys one by one.

use super::error::{DistributionError, DistributionProblem as Problem};
use super::raw::Raw;
use super::unit::Unit;
use crate::text::nearest;

/// The entries of one table and the unit of its figures.
#[derive(Copy, Clone, Debug)]
pub(super) struct Table<'a> {
    entries: &'a [(String, Raw)],
    unit: Unit,
}

impl<'a> Table<'a> {
    /// Opens `raw`, which must be a table with no other keys than `known`.
    pub(super) fn open(raw: &'a Raw, unit: Unit, known: &[&'static str]) -> Result<Self, DistributionError> {
        let Raw::Table(entries) = raw else {
            return Err(Problem::WrongType { found: raw.describe(), needed: "a table" }.into());
        };
        for (key, _) in entries {
            if !known.contains(&key.as_str()) {
                let nearest = nearest(key, known.iter().copied());
                let problem = Problem::UnknownKey { nearest, known: known.to_vec() };
                return Err(DistributionError::in_key(key, problem));
            }
        }
        Ok(Self { entries, unit })
    }

    /// Opens the table under `key`, whose figures have the same unit.
    pub(super) fn inner(self, key: &str, known: &[&'static str]) -> Result<Self, DistributionError> {
        let raw = self.get(key).ok_or(Problem::Missing { needed: "a table" })?;
        Self::open(raw, self.unit, known)
    }

    pub(super) const fn unit(self) -> Unit {
        self.unit
    }

    pub(super) fn get(self, key: &str) -> Option<&'a Raw> {
        self.entries.iter().find(|(name, _)| name == key).map(|(_, raw)| raw)
    }

    pub(super) fn has(self, key: &str) -> bool {
        self.get(key).is_some()
    }

    /// A figure in the table's unit, if given.
    pub(super) fn figure(self, key: &str) -> Result<Option<f64>, DistributionError> {
        let read = |raw| self.unit.figure(raw).map_err(|problem| DistributionError::in_key(key, problem));
        self.get(key).map(read).transpose()
    }

    /// A figure in the table's unit, which must be given.
    pub(super) fn required_figure(self, key: &str) -> Result<f64, DistributionError> {
        let missing = || DistributionError::in_key(key, Problem::Missing { needed: self.unit.noun() });
        self.figure(key)?.ok_or_else(missing)
    }

    /// A figure in the table's unit, which must be given and more than zero.
    pub(super) fn positive_figure(self, key: &str) -> Result<f64, DistributionError> {
        let figure = self.required_figure(key)?;
        if figure > 0.0 {
            return Ok(figure);
        }
        let needed = format!("{} of more than zero", self.unit.noun());
        Err(DistributionError::in_key(key, Problem::OutOfRange { found: self.unit.write(figure), needed }))
    }

    /// A number without a unit within a range, if given.
    pub(super) fn number(self, key: &str, range: Range) -> Result<Option<f64>, DistributionError> {
        let Some(raw) = self.get(key) else { return Ok(None) };
        let problem = match raw {
            Raw::Number(number) if range.contains(*number) => return Ok(Some(*number)),
            Raw::Number(number) => {
                Problem::OutOfRange { found: number.to_string(), needed: range.describe() }
            }
            Raw::Text(_) | Raw::Other(_) | Raw::List(_) | Raw::Table(_) => {
                Problem::WrongType { found: raw.describe(), needed: "a number without quotes" }
            }
        };
        Err(DistributionError::in_key(key, problem))
    }

    /// As [`number`](Self::number), which must be given.
    pub(super) fn required_number(self, key: &str, range: Range) -> Result<f64, DistributionError> {
        self.number(key, range)?
            .ok_or_else(|| DistributionError::in_key(key, Problem::Missing { needed: "a number" }))
    }

    /// The entries of a list, of which there must be one to `max`.
    pub(super) fn list(self, key: &str, max: usize) -> Result<&'a [Raw], DistributionError> {
        let problem = match self.get(key) {
            Some(Raw::List(items)) if items.is_empty() => Problem::Missing { needed: "at least one entry" },
            Some(Raw::List(items)) if items.len() > max => Problem::TooMany { max },
            Some(Raw::List(items)) => return Ok(items),
            Some(raw) => Problem::WrongType { found: raw.describe(), needed: "a list" },
            None => Problem::Missing { needed: "a list" },
        };
        Err(DistributionError::in_key(key, problem))
    }
}

/// Bounds of a number without a unit.
#[derive(Copy, Clone, Debug)]
pub(super) enum Range {
    /// From zero to this.
    ZeroTo(f64),
    /// More than the first, up to the second.
    Above(f64, f64),
}

impl Range {
    pub(super) fn contains(self, number: f64) -> bool {
        match self {
            Self::ZeroTo(max) => (0.0..=max).contains(&number),
            Self::Above(min, max) => number > min && number <= max,
        }
    }

    fn describe(self) -> String {
        match self {
            Self::ZeroTo(max) => format!("a number from 0 to {max}"),
            Self::Above(min, max) => format!("a number above {min} and up to {max}"),
        }
    }
}
