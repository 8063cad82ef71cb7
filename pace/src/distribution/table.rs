//! A table of a distribution, whose keys are taken one by one.

use super::error::{DistributionError, DistributionProblem as Problem};
use super::raw::RawValue;
use super::unit::Unit;
use crate::diagnostic::Suggestion;

/// The entries of one table and the unit of its figures.
#[derive(Copy, Clone, Debug)]
pub(super) struct Table<'a> {
    entries: &'a [(String, RawValue)],
    unit: Unit,
}

impl<'a> Table<'a> {
    /// Opens `raw`, which must be a table with no other keys than `known`.
    pub(super) fn open(
        raw: &'a RawValue,
        unit: Unit,
        known: &[&'static str],
    ) -> Result<Self, DistributionError> {
        let RawValue::Table(entries) = raw else {
            return Err(Problem::WrongType { found: raw.describe(), needed: "a table" }.into());
        };
        for (key, _) in entries {
            if !known.contains(&key.as_str()) {
                let problem = Problem::UnknownKey(Suggestion::new(key, known.iter().copied()));
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

    pub(super) fn get(self, key: &str) -> Option<&'a RawValue> {
        self.entries.iter().find(|(name, _)| name == key).map(|(_, raw)| raw)
    }

    pub(super) fn has(self, key: &str) -> bool {
        self.get(key).is_some()
    }

    /// Returns a value in the unit of the table, if given.
    pub(super) fn value(self, key: &str) -> Result<Option<f64>, DistributionError> {
        let read = |raw| self.unit.value(raw).map_err(|problem| DistributionError::in_key(key, problem));
        self.get(key).map(read).transpose()
    }

    /// Returns a value in the unit of the table; fails if it is missing.
    pub(super) fn required_value(self, key: &str) -> Result<f64, DistributionError> {
        let missing = || DistributionError::in_key(key, Problem::Missing { needed: self.unit.noun() });
        self.value(key)?.ok_or_else(missing)
    }

    /// Returns a positive value in the unit of the table; fails if it is missing.
    pub(super) fn positive_value(self, key: &str) -> Result<f64, DistributionError> {
        let value = self.required_value(key)?;
        if value > 0.0 {
            return Ok(value);
        }
        let needed = format!("{} of more than zero", self.unit.noun());
        Err(DistributionError::in_key(key, Problem::OutOfRange { found: self.unit.write(value), needed }))
    }

    /// Returns a unitless number within a range, if given.
    pub(super) fn number(self, key: &str, range: Range) -> Result<Option<f64>, DistributionError> {
        let Some(raw) = self.get(key) else { return Ok(None) };
        let problem = match raw {
            RawValue::Number(number) if range.contains(*number) => return Ok(Some(*number)),
            RawValue::Number(number) => {
                Problem::OutOfRange { found: number.to_string(), needed: range.describe() }
            }
            RawValue::Text(_) | RawValue::Other(_) | RawValue::List(_) | RawValue::Table(_) => {
                Problem::WrongType { found: raw.describe(), needed: "a number without quotes" }
            }
        };
        Err(DistributionError::in_key(key, problem))
    }

    /// Like [`number`](Self::number); fails if it is missing.
    pub(super) fn required_number(self, key: &str, range: Range) -> Result<f64, DistributionError> {
        self.number(key, range)?
            .ok_or_else(|| DistributionError::in_key(key, Problem::Missing { needed: "a number" }))
    }

    /// Returns the entries of a list, which must have 1 to `max`.
    pub(super) fn list(self, key: &str, max: usize) -> Result<&'a [RawValue], DistributionError> {
        let problem = match self.get(key) {
            Some(RawValue::List(items)) if items.is_empty() => {
                Problem::Missing { needed: "at least one entry" }
            }
            Some(RawValue::List(items)) if items.len() > max => Problem::TooMany { max },
            Some(RawValue::List(items)) => return Ok(items),
            Some(raw) => Problem::WrongType { found: raw.describe(), needed: "a list" },
            None => Problem::Missing { needed: "a list" },
        };
        Err(DistributionError::in_key(key, problem))
    }
}

/// The range of a unitless number.
#[derive(Copy, Clone, Debug)]
pub(super) enum Range {
    /// From zero to the given maximum.
    ZeroTo(f64),
    /// Above the first bound, up to the second.
    Above(f64, f64),
    /// Whole numbers from the first bound to the second.
    Whole(f64, f64),
}

impl Range {
    pub(super) fn contains(self, number: f64) -> bool {
        match self {
            Self::ZeroTo(max) => (0.0..=max).contains(&number),
            Self::Above(min, max) => number > min && number <= max,
            Self::Whole(min, max) => number.fract() == 0.0 && (min..=max).contains(&number),
        }
    }

    fn describe(self) -> String {
        match self {
            Self::ZeroTo(max) => format!("a number from 0 to {max}"),
            Self::Above(min, max) => format!("a number above {min} and up to {max}"),
            Self::Whole(min, max) => format!("a whole number from {min} to {max}"),
        }
    }
}
