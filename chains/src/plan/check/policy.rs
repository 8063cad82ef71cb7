//! Checks when a step starts, how often it is attempted, and what its failure means.

use std::{ops::RangeInclusive, time::Duration};

use toml::Spanned;

use super::context::CheckContext;
use crate::{
    plan::{FanOutPolicy, RetryPolicy, StepPolicy},
    spec::{RawDuration, RawForeach, RawRetry, RawStep, SpecError, SpecErrorKind},
    template::{Condition, ListExpression, Template, TemplateError},
};

/// The default limit on the entries of a fan-out.
const FAN_OUT_ITEMS_DEFAULT: usize = 100;
/// The largest limit on the entries of a fan-out.
const FAN_OUT_ITEMS_MAX: usize = 10_000;
/// The largest number of retries.
const RETRIES_MAX: u32 = 100;
const FACTORS: RangeInclusive<f64> = 1.0..=10.0;
const SHARES: RangeInclusive<f64> = 0.0..=1.0;

/// Checks all of a step but its action and its fallback.
pub(super) fn check_policy(
    at: CheckContext<'_>,
    step: &RawStep,
    check_reference: &dyn Fn(&str) -> Result<(), SpecErrorKind>,
) -> Result<StepPolicy, SpecError> {
    let when = step.when.as_ref().map(|when| {
        expression(at, "when", when, when.get_ref(), Condition::compile, Condition::template, check_reference)
    });
    Ok(StepPolicy {
        join: step.join,
        when: when.transpose()?,
        fan_out: step
            .foreach
            .as_ref()
            .map(|foreach| check_fan_out(at, foreach, check_reference))
            .transpose()?,
        retry: step
            .retry
            .as_ref()
            .map_or(Ok(RetryPolicy::NEVER), |retry| check_retry(at, retry.get_ref()))?,
        timeout: step.timeout.as_ref().map(|timeout| check_timeout(at, timeout)).transpose()?,
        on_error: step.on_error,
        fallback: None,
        fallback_for: None,
    })
}

/// Compiles the expression `source`, the value of a key.
fn expression<T, V>(
    at: CheckContext<'_>,
    key: &str,
    value: &Spanned<V>,
    source: &str,
    compile: fn(&str) -> Result<T, TemplateError>,
    template: fn(&T) -> &Template,
    check_reference: &dyn Fn(&str) -> Result<(), SpecErrorKind>,
) -> Result<T, SpecError> {
    let at_key = |kind| at.key_error(key, value.span(), kind);
    let compiled = compile(source).map_err(SpecErrorKind::Template).map_err(at_key)?;
    template(&compiled).references().try_for_each(check_reference).map_err(at_key)?;
    Ok(compiled)
}

fn check_fan_out(
    at: CheckContext<'_>,
    foreach: &Spanned<RawForeach>,
    check_reference: &dyn Fn(&str) -> Result<(), SpecErrorKind>,
) -> Result<FanOutPolicy, SpecError> {
    let RawForeach { over, at_once, at_most } = foreach.get_ref();
    let at_most = at_most.unwrap_or(FAN_OUT_ITEMS_DEFAULT);
    if !(1..=FAN_OUT_ITEMS_MAX).contains(&at_most) {
        let message = format!("{at_most} is out of range; expected 1 to {FAN_OUT_ITEMS_MAX} entries");
        return Err(at.value_error("foreach.at_most", foreach.span(), message));
    }
    let (compile, template) = (ListExpression::compile, ListExpression::template);
    let over = expression(at, "foreach", foreach, over, compile, template, check_reference)?;
    Ok(FanOutPolicy { over, at_once: *at_once, at_most })
}

fn check_retry(at: CheckContext<'_>, retry: &RawRetry) -> Result<RetryPolicy, SpecError> {
    let times = *retry.times.get_ref();
    if !(1..=RETRIES_MAX).contains(&times) {
        let message = format!("{times} is out of range; expected 1 to {RETRIES_MAX} retries");
        return Err(at.value_error("retry.times", retry.times.span(), message));
    }
    let given = |duration: Option<RawDuration>, default| duration.map_or(default, |given| given.0);
    let RetryPolicy { backoff, factor, jitter, at_most, .. } = RetryPolicy::NEVER;
    Ok(RetryPolicy {
        times,
        backoff: given(retry.backoff, backoff),
        factor: number(at, "retry.factor", retry.factor.as_ref(), FACTORS, factor)?,
        jitter: number(at, "retry.jitter", retry.jitter.as_ref(), SHARES, jitter)?,
        at_most: given(retry.at_most, at_most),
    })
}

/// Returns `given` or the default; fails if it is outside `range`.
fn number(
    at: CheckContext<'_>,
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
        format!("{number} is out of range; expected a number from {} to {}", range.start(), range.end());
    Err(at.value_error(key, given.span(), message))
}

/// Checks the share of attempts that fail.
pub(super) fn check_share(
    at: CheckContext<'_>,
    key: &str,
    given: Option<&Spanned<f64>>,
) -> Result<f64, SpecError> {
    number(at, key, given, SHARES, 0.0)
}

/// Checks the timeout of a chain or a step.
pub(super) fn check_timeout(
    at: CheckContext<'_>,
    timeout: &Spanned<RawDuration>,
) -> Result<Duration, SpecError> {
    let duration = timeout.get_ref().0;
    if duration.is_zero() {
        let message = "a timeout must not be zero; omit the key for no limit".to_owned();
        return Err(at.value_error("timeout", timeout.span(), message));
    }
    Ok(duration)
}
