//! From what stands in a file to a law: the only door.

use super::error::{DistributionError, DistributionProblem as Problem};
use super::law::{Law, Part, Shape};
use super::parameters;
use super::raw::Raw;
use super::table::{Range, Table};
use super::unit::Unit;

/// Which law a key of a table announces.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
enum Kind {
    /// A log-normal law whose keys stand in the table itself.
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
}

const KEYS: [(&str, Kind); 16] = [
    ("p50", Kind::Shorthand),
    ("p90", Kind::Shorthand),
    ("p95", Kind::Shorthand),
    ("p99", Kind::Shorthand),
    ("mean", Kind::Shorthand),
    ("sd", Kind::Shorthand),
    ("cv", Kind::Shorthand),
    ("constant", Kind::Constant),
    ("between", Kind::Between),
    ("normal", Kind::Normal),
    ("log_normal", Kind::LogNormal),
    ("gamma", Kind::Gamma),
    ("exponential", Kind::Exponential),
    ("pareto", Kind::Pareto),
    ("mix", Kind::Mix),
    ("values", Kind::Values),
];
const SHARE: &str = "share";

/// How many values a list may have: enough for any recorded sample, little enough to hold many.
const VALUES_MAX: usize = 100_000;
/// How many laws a mixture may have, and how many mixtures may stand in one another.
const PARTS_MAX: usize = 64;
const LEVELS_MAX: usize = 4;
/// A share is relative to the other shares, which all have to be in sight of each other.
const SHARES: Range = Range::Above(0.0, 1e9);

/// Checks a whole distribution.
pub(super) fn law(raw: &Raw, unit: Unit) -> Result<Law, DistributionError> {
    match raw {
        Raw::Table(_) => {
            let known: Vec<&str> = KEYS.iter().map(|(key, _)| *key).collect();
            law_of(Table::open(raw, unit, &known)?, 0)
        }
        Raw::Number(_) | Raw::Text(_) | Raw::Other(_) | Raw::List(_) => Ok(Law::constant(unit.figure(raw)?)),
    }
}

fn law_of(table: Table<'_>, level: usize) -> Result<Law, DistributionError> {
    let mut given = KEYS.iter().filter(|(key, _)| table.has(key));
    let Some(&(key, kind)) = given.next() else {
        return Err(Problem::Missing { needed: "a law such as `p50` and `p95`" }.into());
    };
    if let Some(&(second, _)) = given.find(|(_, other)| *other != kind) {
        return Err(Problem::Conflict { first: key, second }.into());
    }
    match kind {
        Kind::Shorthand => parameters::log_normal(table),
        Kind::Constant => table.required_figure(key).map(Law::constant),
        Kind::Between => between(table, key),
        Kind::Values => values(table, key),
        Kind::Mix => mix(table, key, level),
        Kind::Normal => named(table, key, &["mean", "sd", "cv", "min"], parameters::normal),
        Kind::LogNormal => {
            named(table, key, &["mean", "sd", "cv", "p50", "p90", "p95", "p99"], parameters::log_normal)
        }
        Kind::Gamma => named(table, key, &["mean", "sd", "cv"], parameters::gamma),
        Kind::Exponential => named(table, key, &["mean", "min"], parameters::exponential),
        Kind::Pareto => named(table, key, &["min", "shape"], parameters::pareto),
    }
}

/// A law whose parameters stand in a table under its name.
fn named(
    table: Table<'_>,
    key: &'static str,
    known: &[&'static str],
    law: impl FnOnce(Table<'_>) -> Result<Law, DistributionError>,
) -> Result<Law, DistributionError> {
    table.inner(key, known).and_then(law).map_err(|error| error.under(key))
}

fn between(table: Table<'_>, key: &'static str) -> Result<Law, DistributionError> {
    let unit = table.unit();
    let items = table.list(key, VALUES_MAX)?;
    let [low, high] = items else {
        let found = format!("a list of {}", items.len());
        return Err(DistributionError::in_key(
            key,
            Problem::WrongType { found, needed: "a list of two figures" },
        ));
    };
    let low = unit.figure(low).map_err(|problem| item_error(key, 0, problem.into()))?;
    let high = unit.figure(high).map_err(|problem| item_error(key, 1, problem.into()))?;
    if high < low {
        let (found, other_value) = (unit.write(high), unit.write(low));
        return Err(item_error(key, 1, Problem::Order { found, other: "the first", other_value }.into()));
    }
    let mean = f64::midpoint(low, high);
    let shape = match unit {
        Unit::Time => Shape::Uniform { low, high },
        // Half a thing at both ends, so that after rounding the ends come as often as the rest.
        Unit::Count => Shape::Uniform { low: low - 0.5, high: high + 0.5 },
    };
    Ok(Law::new(shape, mean))
}

fn values(table: Table<'_>, key: &'static str) -> Result<Law, DistributionError> {
    let figure =
        |(index, raw)| table.unit().figure(raw).map_err(|problem| item_error(key, index, problem.into()));
    let values =
        table.list(key, VALUES_MAX)?.iter().enumerate().map(figure).collect::<Result<Vec<_>, _>>()?;
    let mean = values.iter().sum::<f64>() / values.len() as f64;
    Ok(Law::new(Shape::Values(values.into()), mean))
}

fn mix(table: Table<'_>, key: &'static str, level: usize) -> Result<Law, DistributionError> {
    if level == LEVELS_MAX {
        return Err(DistributionError::in_key(key, Problem::TooDeep { max: LEVELS_MAX }));
    }
    let part = |(index, raw)| part(raw, table.unit(), level).map_err(|error| item_error(key, index, error));
    let parts = table.list(key, PARTS_MAX)?.iter().enumerate().map(part).collect::<Result<Vec<_>, _>>()?;
    let total_share = parts.iter().map(|part| part.share).sum::<f64>();
    let mean = parts.iter().map(|part| part.share * part.law.mean()).sum::<f64>() / total_share;
    Ok(Law::new(Shape::Mixture { parts: parts.into(), total_share }, mean))
}

fn part(raw: &Raw, unit: Unit, level: usize) -> Result<Part, DistributionError> {
    let known: Vec<&str> = KEYS.iter().map(|(key, _)| *key).chain([SHARE]).collect();
    let table = Table::open(raw, unit, &known)?;
    Ok(Part { share: table.required_number(SHARE, SHARES)?, law: law_of(table, level + 1)? })
}

fn item_error(key: &str, index: usize, error: DistributionError) -> DistributionError {
    error.under(&format!("[{index}]")).under(key)
}
