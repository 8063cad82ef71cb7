//! Laws by their parameters, each given the way people know it.

use rand_distr::{Exp, Gamma, LogNormal, Normal, Pareto};

use super::error::{DistributionError, DistributionProblem as Problem};
use super::fit::{self, LogParameters, PERCENTILES};
use super::law::{Law, Shape};
use super::table::{Range, Table};

/// A coefficient of variation beyond this is a slip of the unit.
const CVS: Range = Range::ZeroTo(100.0);
/// Of a log-normal law, the standard deviation of the logarithm: with 5 the mean is 270 000 times the median.
const SIGMA_MAX: f64 = 5.0;
/// At a shape of 1 the mean becomes infinite; at 1 000 the law is a constant.
const SHAPES: Range = Range::Above(1.0, 1_000.0);

/// Where a tenth of the standard normal law lies above: the quantile of 90 %.
const CUT_MAX: f64 = 1.281_551_565_544_600_4;

/// By two percentiles, or by mean and spread.
pub(super) fn log_normal(table: Table<'_>) -> Result<Law, DistributionError> {
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
    let law = LogNormal::new(mu, sigma).map_err(|_| unusable("mu", mu))?;
    Ok(Law::new(Shape::LogNormal(law), parameters.mean()))
}

fn through(
    table: Table<'_>,
    (low_key, z_low): (&'static str, f64),
    (high_key, z_high): (&'static str, f64),
) -> Result<LogParameters, DistributionError> {
    let low = table.positive_figure(low_key)?;
    let high = table.positive_figure(high_key)?;
    let (found, other_value) = (table.unit().write(high), table.unit().write(low));
    if high < low {
        return Err(DistributionError::in_key(
            high_key,
            Problem::Order { found, other: low_key, other_value },
        ));
    }
    let parameters = LogParameters::through((z_low, low), (z_high, high));
    if parameters.sigma > SIGMA_MAX {
        let needed = format!("something nearer to {low_key}, which is {other_value},");
        return Err(DistributionError::in_key(high_key, Problem::OutOfRange { found, needed }));
    }
    Ok(parameters)
}

/// Cut at `min`: what is drawn below is drawn again.
pub(super) fn normal(table: Table<'_>) -> Result<Law, DistributionError> {
    let Moments { mean, sd, .. } = moments(table, table.required_figure("mean")?)?;
    let min = table.figure("min")?.unwrap_or(0.0);
    if min - mean > CUT_MAX * sd {
        return Err(Problem::HardlyAnythingAbove { min: table.unit().write(min) }.into());
    }
    let law = Normal::new(mean, sd).map_err(|_| unusable("sd", sd))?;
    Ok(Law::new(Shape::Normal { law, min }, fit::mean_above(mean, sd, min)))
}

/// By mean and spread.
pub(super) fn gamma(table: Table<'_>) -> Result<Law, DistributionError> {
    let Moments { mean, cv, .. } = positive_moments(table)?;
    if cv == 0.0 {
        return Ok(Law::constant(mean));
    }
    let shape = 1.0 / (cv * cv);
    let law = Gamma::new(shape, mean / shape).map_err(|_| unusable("cv", cv))?;
    Ok(Law::new(Shape::Gamma(law), mean))
}

/// By the mean of the whole; `min` shifts it.
pub(super) fn exponential(table: Table<'_>) -> Result<Law, DistributionError> {
    let mean = table.positive_figure("mean")?;
    let min = table.figure("min")?.unwrap_or(0.0);
    if min >= mean {
        let (found, mean) = (table.unit().write(min), table.unit().write(mean));
        let needed = format!("less than the mean, which is {mean},");
        return Err(DistributionError::in_key("min", Problem::OutOfRange { found, needed }));
    }
    let law = Exp::new(1.0 / (mean - min)).map_err(|_| unusable("mean", mean))?;
    Ok(Law::new(Shape::Exponential { law, min }, mean))
}

/// By its minimum and the shape of its tail.
pub(super) fn pareto(table: Table<'_>) -> Result<Law, DistributionError> {
    let min = table.positive_figure("min")?;
    let shape = table.required_number("shape", SHAPES)?;
    let law = Pareto::new(min, shape).map_err(|_| unusable("shape", shape))?;
    Ok(Law::new(Shape::Pareto(law), shape * min / (shape - 1.0)))
}

/// A mean and its spread, both ways of telling it.
struct Moments {
    mean: f64,
    sd: f64,
    cv: f64,
}

fn positive_moments(table: Table<'_>) -> Result<Moments, DistributionError> {
    moments(table, table.positive_figure("mean")?)
}

fn moments(table: Table<'_>, mean: f64) -> Result<Moments, DistributionError> {
    match (table.figure("sd")?, table.number("cv", CVS)?) {
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

/// What `rand_distr` refuses has been refused before by the ranges above; if not, say so rather than panic.
fn unusable(key: &str, found: f64) -> DistributionError {
    DistributionError::in_key(
        key,
        Problem::OutOfRange { found: found.to_string(), needed: "a less extreme figure".to_owned() },
    )
}
