//! Limits of fields in requests to the reference systems.

use http::HeaderMap;

use weir_server::Problem;

/// Maximum bytes of prompts: their tokens are counted on the event loop, where a longer one
/// would delay other responses.
const TEXT_BYTES_MAX: usize = 64 << 10;
/// The range that providers accept.
const TEMPERATURE: std::ops::RangeInclusive<f64> = 0.0..=2.0;

/// Checks that a text is neither empty nor too long.
pub(super) fn text(field: &str, text: &str) -> Result<(), Problem> {
    if text.trim().is_empty() {
        return Err(fault(field, "is empty: expected a text"));
    }
    if text.len() > TEXT_BYTES_MAX {
        return Err(fault(field, &format!("has {} bytes: {TEXT_BYTES_MAX} at the most", text.len())));
    }
    Ok(())
}

/// Checks that a temperature is within the range.
pub(super) fn temperature(given: f64) -> Result<(), Problem> {
    if TEMPERATURE.contains(&given) {
        return Ok(());
    }
    let (low, high) = (TEMPERATURE.start(), TEMPERATURE.end());
    Err(fault("temperature", &format!("expected a number from {low} to {high}, found {given}")))
}

/// Returns the switch in the header `name` of one request.
pub(super) fn flag(headers: &HeaderMap, name: &str) -> Result<Option<bool>, Problem> {
    let Some(value) = headers.get(name) else { return Ok(None) };
    match value.to_str().map(str::trim) {
        Ok(text) if text.eq_ignore_ascii_case("true") => Ok(Some(true)),
        Ok(text) if text.eq_ignore_ascii_case("false") => Ok(Some(false)),
        Ok(_) | Err(_) => Err(fault(name, &format!("{value:?} is neither true nor false"))),
    }
}

/// Returns the problem of an invalid `field`.
pub(super) fn fault(field: &str, message: &str) -> Problem {
    Problem::invalid(Some(field.to_owned()), format!("{field}: {message}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_empty_or_too_long_fails() {
        assert_eq!(text("task", "x"), Ok(()));
        assert_eq!(text("task", &"x".repeat(TEXT_BYTES_MAX)), Ok(()));
        assert_eq!(text("task", " \n").unwrap_err().message, "task: is empty: expected a text");
        let long = text("task", &"x".repeat(TEXT_BYTES_MAX + 1)).unwrap_err();
        assert_eq!(long.message, "task: has 65537 bytes: 65536 at the most");
        assert_eq!(long.param.as_deref(), Some("task"));
    }

    #[test]
    fn temperature_outside_the_range_fails() {
        assert_eq!((temperature(0.0), temperature(2.0)), (Ok(()), Ok(())));
        assert_eq!(
            temperature(2.1).unwrap_err().message,
            "temperature: expected a number from 0 to 2, found 2.1"
        );
        assert!(temperature(-0.1).is_err());
    }
}
