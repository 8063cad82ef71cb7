//! Checks a value of a file and builds the distribution.

use super::error::{DistributionError, DistributionProblem as Problem};
use super::law::{Distribution, Family, MixtureComponent};
use super::parameters;
use super::raw::RawValue;
use super::table::{Range, Table};
use super::unit::Unit;

/// The family of distributions that a key of a table selects.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
enum KeyKind {
    /// A log-normal distribution whose parameters are keys of the table itself.
    Shorthand,
    Constant,
    Between,
    Normal,
    LogNormal,
    Gamma,
    Exponential,
    Pareto,
    Mix,
    Values,
    /// Of counts only.
    Speculative,
}

const KEYS: [(&str, KeyKind); 17] = [
    ("p50", KeyKind::Shorthand),
    ("p90", KeyKind::Shorthand),
    ("p95", KeyKind::Shorthand),
    ("p99", KeyKind::Shorthand),
    ("mean", KeyKind::Shorthand),
    ("sd", KeyKind::Shorthand),
    ("cv", KeyKind::Shorthand),
    ("constant", KeyKind::Constant),
    ("between", KeyKind::Between),
    ("normal", KeyKind::Normal),
    ("log_normal", KeyKind::LogNormal),
    ("gamma", KeyKind::Gamma),
    ("exponential", KeyKind::Exponential),
    ("pareto", KeyKind::Pareto),
    ("mix", KeyKind::Mix),
    ("values", KeyKind::Values),
    ("speculative", KeyKind::Speculative),
];
const SHARE: &str = "share";

/// The largest number of values in a list.
const VALUES_MAX: usize = 100_000;
/// The largest number of components of a mixture, and the deepest nesting of mixtures.
const COMPONENTS_MAX: usize = 64;
const NESTING_MAX: usize = 4;
/// The range of a share, which is relative to the other shares.
const SHARES: Range = Range::Above(0.0, 1e9);

/// Checks a whole distribution.
pub(super) fn distribution(raw: &RawValue, unit: Unit) -> Result<Distribution, DistributionError> {
    match raw {
        RawValue::Table(_) => distribution_of(Table::open(raw, unit, &keys(unit).collect::<Vec<_>>())?, 0),
        RawValue::Number(_) | RawValue::Text(_) | RawValue::Other(_) | RawValue::List(_) => {
            Ok(Distribution::constant(unit.value(raw)?))
        }
    }
}

/// The keys that select a distribution of values of `unit`.
fn keys(unit: Unit) -> impl Iterator<Item = &'static str> {
    let known = KEYS.iter().filter(move |(_, kind)| unit == Unit::Count || *kind != KeyKind::Speculative);
    known.map(|(key, _)| *key)
}

fn distribution_of(table: Table<'_>, level: usize) -> Result<Distribution, DistributionError> {
    let mut given = KEYS.iter().filter(|(key, _)| table.has(key));
    let Some(&(key, kind)) = given.next() else {
        return Err(Problem::Missing { needed: "a distribution such as `p50` and `p95`" }.into());
    };
    if let Some(&(second, _)) = given.find(|(_, other)| *other != kind) {
        return Err(Problem::Conflict { first: key, second }.into());
    }
    match kind {
        KeyKind::Shorthand => parameters::log_normal(table),
        KeyKind::Constant => table.required_value(key).map(Distribution::constant),
        KeyKind::Between => between(table, key),
        KeyKind::Values => values(table, key),
        KeyKind::Mix => mix(table, key, level),
        KeyKind::Normal => named(table, key, &["mean", "sd", "cv", "min"], parameters::normal),
        KeyKind::LogNormal => {
            named(table, key, &["mean", "sd", "cv", "p50", "p90", "p95", "p99"], parameters::log_normal)
        }
        KeyKind::Gamma => named(table, key, &["mean", "sd", "cv"], parameters::gamma),
        KeyKind::Exponential => named(table, key, &["mean", "min"], parameters::exponential),
        KeyKind::Pareto => named(table, key, &["min", "shape"], parameters::pareto),
        KeyKind::Speculative => named(table, key, &["draft", "acceptance"], parameters::speculative),
    }
}

/// Builds a distribution whose parameters are in a table under its name.
fn named(
    table: Table<'_>,
    key: &'static str,
    known: &[&'static str],
    law: impl FnOnce(Table<'_>) -> Result<Distribution, DistributionError>,
) -> Result<Distribution, DistributionError> {
    table.inner(key, known).and_then(law).map_err(|error| error.under(key))
}

fn between(table: Table<'_>, key: &'static str) -> Result<Distribution, DistributionError> {
    let unit = table.unit();
    let items = table.list(key, VALUES_MAX)?;
    let [low, high] = items else {
        let found = format!("a list of {}", items.len());
        return Err(DistributionError::in_key(
            key,
            Problem::WrongType { found, needed: "a list of two figures" },
        ));
    };
    let low = unit.value(low).map_err(|problem| item_error(key, 0, problem.into()))?;
    let high = unit.value(high).map_err(|problem| item_error(key, 1, problem.into()))?;
    if high < low {
        let (found, other_value) = (unit.write(high), unit.write(low));
        return Err(item_error(key, 1, Problem::Order { found, other: "the first", other_value }.into()));
    }
    let mean = f64::midpoint(low, high);
    let family = match unit {
        Unit::Time => Family::Uniform { low, high },
        // Extended by 0.5 at both ends, so that after rounding the ends are as likely as all other counts.
        Unit::Count => Family::Uniform { low: low - 0.5, high: high + 0.5 },
    };
    Ok(Distribution::new(family, mean))
}

fn values(table: Table<'_>, key: &'static str) -> Result<Distribution, DistributionError> {
    let value =
        |(index, raw)| table.unit().value(raw).map_err(|problem| item_error(key, index, problem.into()));
    let values = table.list(key, VALUES_MAX)?.iter().enumerate().map(value).collect::<Result<Vec<_>, _>>()?;
    let mean = values.iter().sum::<f64>() / values.len() as f64;
    Ok(Distribution::new(Family::Values(values.into()), mean))
}

fn mix(table: Table<'_>, key: &'static str, level: usize) -> Result<Distribution, DistributionError> {
    if level == NESTING_MAX {
        return Err(DistributionError::in_key(key, Problem::TooDeep { max: NESTING_MAX }));
    }
    let part = |(index, raw)| part(raw, table.unit(), level).map_err(|error| item_error(key, index, error));
    let components =
        table.list(key, COMPONENTS_MAX)?.iter().enumerate().map(part).collect::<Result<Vec<_>, _>>()?;
    let total_share = components.iter().map(|part| part.share).sum::<f64>();
    let mean = components.iter().map(|part| part.share * part.law.mean()).sum::<f64>() / total_share;
    Ok(Distribution::new(Family::Mixture { components: components.into(), total_share }, mean))
}

fn part(raw: &RawValue, unit: Unit, level: usize) -> Result<MixtureComponent, DistributionError> {
    let known: Vec<&str> = keys(unit).chain([SHARE]).collect();
    let table = Table::open(raw, unit, &known)?;
    Ok(MixtureComponent {
        share: table.required_number(SHARE, SHARES)?,
        law: distribution_of(table, level + 1)?,
    })
}

fn item_error(key: &str, index: usize, error: DistributionError) -> DistributionError {
    error.under(&format!("[{index}]")).under(key)
}
