//! The truth about the times of one request, as `Server-Timing` tells it.

use std::{
    fmt::Write as _,
    time::{Duration, Instant},
};

use http::{HeaderMap, HeaderName, HeaderValue};

/// The header or trailer that tells it.
pub(crate) const SERVER_TIMING: HeaderName = HeaderName::from_static("server-timing");

/// What was planned and what was delivered. All counts from the instant at which the service was first
/// polled for the request.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Truth {
    start: Instant,
    /// Time spent waiting for a place.
    pub(crate) queue: Duration,
    pub(crate) planned_ttft: Option<Instant>,
    pub(crate) planned_total: Option<Instant>,
    pub(crate) delivered_ttft: Option<Instant>,
    pub(crate) delivered_total: Option<Instant>,
}

impl Truth {
    pub(crate) const fn new(start: Instant) -> Self {
        Self {
            start,
            queue: Duration::ZERO,
            planned_ttft: None,
            planned_total: None,
            delivered_ttft: None,
            delivered_total: None,
        }
    }

    /// Says what is known in `Server-Timing`: milliseconds, to the microsecond.
    pub(crate) fn tell(&self, headers: &mut HeaderMap) {
        let mut text = String::with_capacity(160);
        let since = |instant: Option<Instant>| instant.map(|at| at.saturating_duration_since(self.start));
        for (name, value) in [
            ("planned_ttft", since(self.planned_ttft)),
            ("delivered_ttft", since(self.delivered_ttft)),
            ("planned_total", since(self.planned_total)),
            ("delivered_total", since(self.delivered_total)),
            ("queue", Some(self.queue)),
        ] {
            if let Some(value) = value {
                let comma = if text.is_empty() { "" } else { ", " };
                let micros = value.as_micros();
                let (whole, rest) = (micros / 1_000, micros % 1_000);
                // Writing to a String cannot fail.
                let _ = write!(text, "{comma}{name};dur={whole}.{rest:03}");
            }
        }
        if let Ok(value) = HeaderValue::from_maybe_shared(bytes::Bytes::from(text)) {
            headers.insert(SERVER_TIMING, value);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_times_are_told_in_milliseconds() {
        let start = Instant::now();
        let mut truth = Truth::new(start);
        truth.planned_ttft = Some(start + Duration::from_micros(12_345));
        truth.delivered_total = Some(start + Duration::from_millis(20));
        let mut headers = HeaderMap::new();
        truth.tell(&mut headers);
        assert_eq!(
            headers[SERVER_TIMING],
            "planned_ttft;dur=12.345, delivered_total;dur=20.000, queue;dur=0.000"
        );
    }
}
