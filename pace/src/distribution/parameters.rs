//! Builds distributions from their parameters.

use rand_distr::{Exp, Gamma, LogNormal, Normal, Pareto};

use super::error::{DistributionError, DistributionProblem as Problem};
use super::fit::{self, LogParameters, PERCENTILES};
use super::law::{Distribution, Family};
use super::table::{Range, Table};

/// A coefficient of variation beyond this range is a mistaken unit.
const CVS: Range = Range::ZeroTo(100.0);
/// The largest standard deviation of the logarithm of a log-normal distribution: with 5, the mean is 270 000 times the
/// median.
const SIGMA_MAX: f64 = 5.0;
/// At a shape of 1 the mean is infinite; at 1 000 the distribution is practically constant.
const SHAPES: Range = Range::Above(1.0, 1_000.0);

/// The lengths of drafts; engines use up to about ten tokens.
const DRAFTS: Range = Range::Whole(1.0, 64.0);

/// The 90 % quantile of the standard normal distribution: a tenth lies above it.
const CUT_MAX: f64 = 1.281_551_565_544_600_4;

/// From two percentiles, or from mean and spread.
pub(super) fn log_normal(table: Table<'_>) -> Result<Distribution, DistributionError> {
    let given: Vec<_> = PERCENTILES.iter().filter(|(key, _)| table.has(key)).copied().collect();
    let moment = ["mean", "sd", "cv"].into_iter().find(|key| table.has(key));
    let parameters = match (given.as_slice(), moment) {
        ([], _) => {
            let Moments { mean, cv, .. } = positive_moments(table)?;
            LogParameters::with_moments(mean, cv)
        }
        ([(first, _), ..], Some(second)) => return Err(Problem::Conflict { first, second }.into()),
        (&[low, high], None) => through(table, low, high)?,
        (other, None) => return Err(Problem::PercentileCount { given: other.len() }.into()),
    };
    let LogParameters { mu, sigma } = parameters;
    let law = LogNormal::new(mu, sigma).map_err(|_| rejected("mu", mu))?;
    Ok(Distribution::new(Family::LogNormal { law, mu, sigma }, parameters.mean()))
}

fn through(
    table: Table<'_>,
    (low_key, z_low): (&'static str, f64),
    (high_key, z_high): (&'static str, f64),
) -> Result<LogParameters, DistributionError> {
    let low = table.positive_value(low_key)?;
    let high = table.positive_value(high_key)?;
    let (found, other_value) = (table.unit().write(high), table.unit().write(low));
    if high < low {
        return Err(DistributionError::in_key(
            high_key,
            Problem::Order { found, other: low_key, other_value },
        ));
    }
    let parameters = LogParameters::through((z_low, low), (z_high, high));
    if parameters.sigma > SIGMA_MAX {
        let needed = format!("something nearer to {low_key}, which is {other_value}");
        return Err(DistributionError::in_key(high_key, Problem::OutOfRange { found, needed }));
    }
    Ok(parameters)
}

/// Truncated below `min`.
pub(super) fn normal(table: Table<'_>) -> Result<Distribution, DistributionError> {
    let Moments { mean, sd, .. } = moments(table, table.required_value("mean")?)?;
    let min = table.value("min")?.unwrap_or(0.0);
    if min - mean > CUT_MAX * sd {
        return Err(Problem::HardlyAnythingAbove { min: table.unit().write(min) }.into());
    }
    let law = Normal::new(mean, sd).map_err(|_| rejected("sd", sd))?;
    Ok(Distribution::new(Family::Normal { law, min }, fit::mean_above(mean, sd, min)))
}

/// From mean and spread.
pub(super) fn gamma(table: Table<'_>) -> Result<Distribution, DistributionError> {
    let Moments { mean, cv, .. } = positive_moments(table)?;
    if cv == 0.0 {
        return Ok(Distribution::constant(mean));
    }
    let shape = 1.0 / (cv * cv);
    let law = Gamma::new(shape, mean / shape).map_err(|_| rejected("cv", cv))?;
    Ok(Distribution::new(Family::Gamma { law, shape }, mean))
}

/// From the mean including the shift by `min`.
pub(super) fn exponential(table: Table<'_>) -> Result<Distribution, DistributionError> {
    let mean = table.positive_value("mean")?;
    let min = table.value("min")?.unwrap_or(0.0);
    if min >= mean {
        let (found, mean) = (table.unit().write(min), table.unit().write(mean));
        let needed = format!("less than the mean, which is {mean}");
        return Err(DistributionError::in_key("min", Problem::OutOfRange { found, needed }));
    }
    let law = Exp::new(1.0 / (mean - min)).map_err(|_| rejected("mean", mean))?;
    Ok(Distribution::new(Family::Exponential { law, min }, mean))
}

/// From its minimum and the shape of its tail.
pub(super) fn pareto(table: Table<'_>) -> Result<Distribution, DistributionError> {
    let min = table.positive_value("min")?;
    let shape = table.required_number("shape", SHAPES)?;
    let law = Pareto::new(min, shape).map_err(|_| rejected("shape", shape))?;
    Ok(Distribution::new(Family::Pareto { law, min, shape }, shape * min / (shape - 1.0)))
}

/// From the length of a draft and the probability that a token of it is accepted.
pub(super) fn speculative(table: Table<'_>) -> Result<Distribution, DistributionError> {
    let draft = table.required_number("draft", DRAFTS)?;
    let acceptance = table.required_number("acceptance", Range::ZeroTo(1.0))?;
    if acceptance == 0.0 {
        return Ok(Distribution::constant(1.0));
    }
    let ln_acceptance = acceptance.ln();
    if ln_acceptance == 0.0 {
        return Ok(Distribution::constant(1.0 + draft));
    }
    let mean = (1.0 - acceptance.powf(draft + 1.0)) / (1.0 - acceptance);
    Ok(Distribution::new(Family::Speculative { draft, ln_acceptance }, mean))
}

/// A mean and its spread, as standard deviation and as coefficient of variation.
struct Moments {
    mean: f64,
    sd: f64,
    cv: f64,
}

fn positive_moments(table: Table<'_>) -> Result<Moments, DistributionError> {
    moments(table, table.positive_value("mean")?)
}

fn moments(table: Table<'_>, mean: f64) -> Result<Moments, DistributionError> {
    match (table.value("sd")?, table.number("cv", CVS)?) {
        (Some(_), Some(_)) => Err(Problem::Conflict { first: "sd", second: "cv" }.into()),
        (Some(sd), None) if mean > 0.0 => {
            let cv = sd / mean;
            if !CVS.contains(cv) {
                let needed = "100 times the mean or less".to_owned();
                return Err(DistributionError::in_key(
                    "sd",
                    Problem::OutOfRange { found: table.unit().write(sd), needed },
                ));
            }
            Ok(Moments { mean, sd, cv })
        }
        (Some(sd), None) => Ok(Moments { mean, sd, cv: 0.0 }),
        (None, Some(cv)) => Ok(Moments { mean, sd: cv * mean, cv }),
        (None, None) => Err(DistributionError::in_key("sd", Problem::Missing { needed: "`sd` or `cv`" })),
    }
}

/// Returns an error if `rand_distr` rejects a parameter that the ranges above accept.
fn rejected(key: &str, found: f64) -> DistributionError {
    DistributionError::in_key(
        key,
        Problem::OutOfRange { found: found.to_string(), needed: "a less extreme figure".to_owned() },
    )
}
