//! When a step starts, how often it is done, and what its failure means, checked.

use std::{ops::RangeInclusive, time::Duration};

use toml::Spanned;

use super::place::At;
use crate::{
    plan::{Condition, Fan, ListExpression, Policy, Retry, Template},
    plan::{PlanError, TemplateFault},
    spec::{RawDuration, RawForeach, RawRetry, RawStep, SpecError},
};

/// Entries of a list over which a step may fan out, unless it says otherwise.
const FAN_DEFAULT: usize = 100;
/// Entries of a list over which any step may fan out.
const FAN_MAX: usize = 10_000;
/// Attempts after the first.
const RETRIES_MAX: u32 = 100;
const FACTORS: RangeInclusive<f64> = 1.0..=10.0;
const SHARES: RangeInclusive<f64> = 0.0..=1.0;

/// Checks all but the work of a step; who stands in for whom is known elsewhere.
pub(super) fn check_policy(
    at: At<'_>,
    step: &RawStep,
    mention: &dyn Fn(&str) -> Result<(), PlanError>,
) -> Result<Policy, SpecError> {
    let when = step.when.as_ref().map(|when| {
        expression(at, "when", when, when.get_ref(), Condition::compile, Condition::template, mention)
    });
    Ok(Policy {
        join: step.join,
        when: when.transpose()?,
        fan: step.foreach.as_ref().map(|foreach| check_fan(at, foreach, mention)).transpose()?,
        retry: step.retry.as_ref().map_or(Ok(Retry::NEVER), |retry| check_retry(at, retry.get_ref()))?,
        timeout: step.timeout.as_ref().map(|timeout| check_timeout(at, timeout)).transpose()?,
        on_error: step.on_error,
        fallback: None,
        stands_in_for: None,
    })
}

/// Compiles the expression `source`, the value of a key.
fn expression<T, V>(
    at: At<'_>,
    key: &str,
    value: &Spanned<V>,
    source: &str,
    compile: fn(&str) -> Result<T, TemplateFault>,
    template: fn(&T) -> &Template,
    mention: &dyn Fn(&str) -> Result<(), PlanError>,
) -> Result<T, SpecError> {
    let fault = |problem| at.key_error(key, value.span(), problem);
    let compiled = compile(source).map_err(PlanError::Template).map_err(fault)?;
    template(&compiled).mentions().try_for_each(mention).map_err(fault)?;
    Ok(compiled)
}

fn check_fan(
    at: At<'_>,
    foreach: &Spanned<RawForeach>,
    mention: &dyn Fn(&str) -> Result<(), PlanError>,
) -> Result<Fan, SpecError> {
    let RawForeach { over, at_once, at_most } = foreach.get_ref();
    let at_most = at_most.unwrap_or(FAN_DEFAULT);
    if !(1..=FAN_MAX).contains(&at_most) {
        let message = format!("{at_most} is out of range; 1 to {FAN_MAX} entries are needed");
        return Err(at.value_error("foreach.at_most", foreach.span(), message));
    }
    let (compile, template) = (ListExpression::compile, ListExpression::template);
    let over = expression(at, "foreach", foreach, over, compile, template, mention)?;
    Ok(Fan { over, at_once: *at_once, at_most })
}

fn check_retry(at: At<'_>, retry: &RawRetry) -> Result<Retry, SpecError> {
    let times = *retry.times.get_ref();
    if !(1..=RETRIES_MAX).contains(&times) {
        let message = format!("{times} is out of range; 1 to {RETRIES_MAX} further attempts are needed");
        return Err(at.value_error("retry.times", retry.times.span(), message));
    }
    let given = |duration: Option<RawDuration>, default| duration.map_or(default, |given| given.0);
    let Retry { backoff, factor, jitter, at_most, .. } = Retry::NEVER;
    Ok(Retry {
        times,
        backoff: given(retry.backoff, backoff),
        factor: number(at, "retry.factor", retry.factor.as_ref(), FACTORS, factor)?,
        jitter: number(at, "retry.jitter", retry.jitter.as_ref(), SHARES, jitter)?,
        at_most: given(retry.at_most, at_most),
    })
}

/// A number of `range`.
fn number(
    at: At<'_>,
    key: &str,
    given: Option<&Spanned<f64>>,
    range: RangeInclusive<f64>,
    default: f64,
) -> Result<f64, SpecError> {
    let Some(given) = given else { return Ok(default) };
    let number = *given.get_ref();
    if range.contains(&number) {
        return Ok(number);
    }
    let message =
        format!("{number} is out of range; a number from {} to {} is needed", range.start(), range.end());
    Err(at.value_error(key, given.span(), message))
}

/// The share of attempts that fail.
pub(super) fn check_share(at: At<'_>, key: &str, given: Option<&Spanned<f64>>) -> Result<f64, SpecError> {
    number(at, key, given, SHARES, 0.0)
}

/// A time limit, of a chain or of a step.
pub(super) fn check_timeout(at: At<'_>, timeout: &Spanned<RawDuration>) -> Result<Duration, SpecError> {
    let duration = timeout.get_ref().0;
    if duration.is_zero() {
        let message = "0s leaves no time to run; leave the key out for no limit of its own".to_owned();
        return Err(at.value_error("timeout", timeout.span(), message));
    }
    Ok(duration)
}
