//! A window of one hour, and its state in responses.

use std::{
    num::NonZeroU32,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use http::{HeaderMap, HeaderName, HeaderValue};
use weir_server::{Extras, FixedWindow, LimitView};

const LIMIT: HeaderName = HeaderName::from_static("x-ratelimit-limit");
const REMAINING: HeaderName = HeaderName::from_static("x-ratelimit-remaining");
const RESET: HeaderName = HeaderName::from_static("x-ratelimit-reset");

const WINDOW: Duration = Duration::from_secs(3_600);

/// Returns a window of one hour for `limit` requests.
pub(super) fn hourly(limit: NonZeroU32) -> FixedWindow {
    FixedWindow::new(limit.into(), WINDOW)
}

/// Writes the headers; the reset is in seconds since 1970.
pub(super) fn write_headers(view: &LimitView, headers: &mut HeaderMap) {
    headers.insert(LIMIT, HeaderValue::from(view.limit));
    headers.insert(REMAINING, HeaderValue::from(view.remaining));
    headers.insert(RESET, HeaderValue::from(reset_at(view)));
}

/// Returns the headers and details of a refusal.
pub(super) fn extras(view: &LimitView) -> Extras {
    let mut extras = Extras::default();
    write_headers(view, &mut extras.headers);
    extras.details.insert("limit".to_owned(), view.limit.into());
    extras.details.insert("remaining".to_owned(), view.remaining.into());
    extras.details.insert("reset".to_owned(), reset_at(view).into());
    extras
}

/// The start of the next window, in seconds since 1970, rounded up: a client that retries slightly early is refused.
fn reset_at(view: &LimitView) -> u64 {
    let since = (SystemTime::now() + view.reset).duration_since(UNIX_EPOCH).unwrap_or_default();
    since.as_millis().div_ceil(1_000) as u64
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use super::*;

    #[test]
    fn take_beyond_the_limit_fails_until_the_next_hour() {
        let mut window = hourly(NonZeroU32::new(2).unwrap());
        let start = Instant::now();
        let view = |remaining, minutes: u64| LimitView {
            limit: 2,
            remaining,
            reset: Duration::from_secs(minutes * 60),
        };
        let minute = |count: u64| start + Duration::from_secs(60 * count);
        assert_eq!(window.take_one(minute(0)), Ok(view(1, 60)));
        assert_eq!(window.take_one(minute(50)), Ok(view(0, 10)));
        assert_eq!(window.take_one(minute(59)), Err(view(0, 1)));
        // Refused requests are not counted.
        assert_eq!(window.take_one(minute(60)), Ok(view(1, 60)));
        assert_eq!(window.take_one(minute(61)), Ok(view(0, 59)));
        assert_eq!(window.take_one(minute(200)), Ok(view(1, 60)));
        assert_eq!(window.take_one(minute(201)), Ok(view(0, 59)));
        window.reset();
        assert_eq!(window.take_one(minute(202)), Ok(view(1, 60)));
    }
}
