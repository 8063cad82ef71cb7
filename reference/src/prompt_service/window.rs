//! A fixed window of one hour, which begins with the first request after the end of the previous one.

use std::{
    num::NonZeroU32,
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

use http::{HeaderMap, HeaderName, HeaderValue};
use weir_server::Extras;

const LIMIT: HeaderName = HeaderName::from_static("x-ratelimit-limit");
const REMAINING: HeaderName = HeaderName::from_static("x-ratelimit-remaining");
const RESET: HeaderName = HeaderName::from_static("x-ratelimit-reset");

const WINDOW: Duration = Duration::from_secs(3_600);

/// The usage of a key in its hour.
#[derive(Debug)]
pub(super) struct Window {
    limit: NonZeroU32,
    begun: Option<Instant>,
    used: u32,
}

/// The state of a key's hourly limit, for responses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct WindowView {
    pub(crate) limit: u32,
    pub(crate) remaining: u32,
    /// Time until the next window.
    pub(crate) reset: Duration,
}

impl Window {
    pub(super) const fn new(limit: NonZeroU32) -> Self {
        Self { limit, begun: None, used: 0 }
    }

    /// Forgets all requests.
    pub(super) const fn reset(&mut self) {
        self.begun = None;
        self.used = 0;
    }

    /// Counts a request; fails if the limit is reached.
    pub(super) fn take(&mut self, now: Instant) -> Result<WindowView, WindowView> {
        let begun = match self.begun {
            Some(begun) if now.saturating_duration_since(begun) < WINDOW => begun,
            _ => {
                self.used = 0;
                *self.begun.insert(now)
            }
        };
        let limit = self.limit.get();
        let granted = self.used < limit;
        self.used += u32::from(granted);
        let reset = WINDOW.saturating_sub(now.saturating_duration_since(begun));
        let view = WindowView { limit, remaining: limit - self.used, reset };
        if granted { Ok(view) } else { Err(view) }
    }
}

impl WindowView {
    /// Writes the headers; the reset is in seconds since 1970.
    pub(crate) fn write_headers(&self, headers: &mut HeaderMap) {
        headers.insert(LIMIT, HeaderValue::from(self.limit));
        headers.insert(REMAINING, HeaderValue::from(self.remaining));
        headers.insert(RESET, HeaderValue::from(self.reset_at()));
    }

    /// Returns the headers and details of a refusal.
    pub(super) fn extras(&self) -> Extras {
        let mut extras = Extras::default();
        self.write_headers(&mut extras.headers);
        extras.details.insert("limit".to_owned(), self.limit.into());
        extras.details.insert("remaining".to_owned(), self.remaining.into());
        extras.details.insert("reset".to_owned(), self.reset_at().into());
        extras
    }

    /// The start of the next window, in seconds since 1970, rounded up: a client that retries slightly early is refused.
    pub(crate) fn reset_at(&self) -> u64 {
        let since = (SystemTime::now() + self.reset).duration_since(UNIX_EPOCH).unwrap_or_default();
        since.as_millis().div_ceil(1_000) as u64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn take_beyond_the_limit_fails_until_the_next_hour() {
        let mut window = Window::new(NonZeroU32::new(2).unwrap());
        let start = Instant::now();
        let view = |remaining, minutes: u64| WindowView {
            limit: 2,
            remaining,
            reset: Duration::from_secs(minutes * 60),
        };
        let minute = |count: u64| start + Duration::from_secs(60 * count);
        assert_eq!(window.take(minute(0)), Ok(view(1, 60)));
        assert_eq!(window.take(minute(50)), Ok(view(0, 10)));
        assert_eq!(window.take(minute(59)), Err(view(0, 1)));
        // Refused requests are not counted.
        assert_eq!(window.take(minute(60)), Ok(view(1, 60)));
        assert_eq!(window.take(minute(61)), Ok(view(0, 59)));
        assert_eq!(window.take(minute(200)), Ok(view(1, 60)));
        assert_eq!(window.take(minute(201)), Ok(view(0, 59)));
        window.reset();
        assert_eq!(window.take(minute(202)), Ok(view(1, 60)));
    }
}
