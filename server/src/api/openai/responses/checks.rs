//! Checks of a request's parts, with the provider's words for what is wrong.

use std::ops::RangeInclusive;

use serde::Deserialize;
use serde_json::value::RawValue;

use crate::api::Problem;

/// Reads a part of a request that stands at `place`.
pub(super) fn part<'a, T: Deserialize<'a>>(place: &str, raw: &'a RawValue) -> Result<T, Problem> {
    serde_json::from_str(raw.get()).map_err(|_| {
        // Where exactly costs time to find out, so only when there is a fault.
        let mut deserializer = serde_json::Deserializer::from_str(raw.get());
        let Err(fault) = serde_path_to_error::deserialize::<_, T>(&mut deserializer) else {
            return Problem::field(place, "invalid_value", format!("Invalid value for '{place}'."));
        };
        let path = fault.path().to_string();
        let param = match path.as_str() {
            "." => place.to_owned(),
            inner if inner.starts_with('[') => format!("{place}{inner}"),
            inner => format!("{place}.{inner}"),
        };
        let cause = fault.into_inner().to_string();
        let cause = cause.rsplit_once(" at line ").map_or(&*cause, |(cause, _)| cause);
        let (code, what) = if cause.starts_with("missing field") {
            ("missing_required_parameter", "Missing required parameter in")
        } else if cause.starts_with("invalid type") {
            ("invalid_type", "Invalid type for")
        } else {
            ("invalid_value", "Invalid value for")
        };
        Problem::field(&param, code, format!("{what} '{param}': {cause}."))
    })
}

/// The same of a part that is an object: a list is not taken for its fields in their order.
pub(super) fn object<'a, T: Deserialize<'a>>(place: &str, raw: &'a RawValue) -> Result<T, Problem> {
    if raw.get().starts_with('[') {
        let message = format!("Invalid type for '{place}': expected an object, but got an array instead.");
        return Err(Problem::field(place, "invalid_type", message));
    }
    part(place, raw)
}

/// A field without which a value has no meaning.
pub(super) fn required<T>(param: &str, value: Option<T>) -> Result<T, Problem> {
    value.ok_or_else(|| {
        let message = format!("Missing required parameter: '{param}'.");
        Problem::field(param, "missing_required_parameter", message)
    })
}

/// A decimal within its bounds.
pub(super) fn decimal(
    param: &str,
    value: Option<f64>,
    bounds: RangeInclusive<f64>,
) -> Result<Option<f64>, Problem> {
    let Some(given) = value else { return Ok(None) };
    let (low, high) = (bounds.start(), bounds.end());
    let (code, which, sign, bound) = if given < *low {
        ("decimal_below_min_value", "below minimum", ">=", low)
    } else if given > *high {
        ("decimal_above_max_value", "above maximum", "<=", high)
    } else {
        return Ok(value);
    };
    let message = format!(
        "Invalid '{param}': decimal {which} value. Expected a value {sign} {bound}, but got {given} instead."
    );
    Err(Problem::field(param, code, message))
}

/// A whole number of `max` or less.
pub(super) fn at_most(param: &str, value: Option<u32>, max: u32) -> Result<u32, Problem> {
    let given = value.unwrap_or(0);
    if given <= max {
        return Ok(given);
    }
    let message = format!(
        "Invalid '{param}': integer above maximum value. Expected a value <= {max}, but got {given} instead."
    );
    Err(Problem::field(param, "integer_above_max_value", message))
}

/// A text of `max` characters or fewer.
pub(super) fn text_length(param: &str, text: &str, max: usize) -> Result<(), Problem> {
    let count = text.chars().count();
    if count <= max {
        return Ok(());
    }
    let message = format!(
        "Invalid '{param}': string too long. Expected a string with maximum length {max}, but got a string \
         with length {count} instead."
    );
    Err(Problem::field(param, "string_above_max_length", message))
}

/// A list of `max` entries or fewer.
pub(super) fn list_length(param: &str, count: usize, max: usize) -> Result<(), Problem> {
    if count <= max {
        return Ok(());
    }
    let message = format!(
        "Invalid '{param}': array too long. Expected an array with maximum length {max}, but got an array \
         with length {count} instead."
    );
    Err(Problem::field(param, "array_above_max_length", message))
}
