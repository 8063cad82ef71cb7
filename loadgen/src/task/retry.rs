//! When a failed request is attempted again.

use std::time::Duration;

use http::{HeaderMap, StatusCode, header};
use rand::Rng as _;
use weir_pace::Rng;

use crate::record::{FailureKind, Problem, Sample, Verdict};

/// The kinds of failures that a policy may name; `timeout` is any timeout.
pub(crate) const RETRY_KINDS: [&str; 15] = [
    "connect",
    "tls",
    "timeout",
    "timeout_connect",
    "timeout_tls",
    "timeout_send",
    "timeout_headers",
    "timeout_idle",
    "timeout_total",
    "reset",
    "truncated",
    "stream_error",
    "check",
    "protocol",
    "too_large",
];

/// The largest part of a wait that jitter takes away.
const JITTER: f64 = 0.25;

/// The retry policy of a task.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct RetryPolicy {
    pub(crate) on: Vec<RetryCause>,
    /// The most attempts, the first included.
    pub(crate) attempts: u32,
    /// The wait before the second attempt; it doubles with each further one.
    pub(crate) delay: Duration,
    /// The longest wait.
    pub(crate) max_delay: Duration,
    pub(crate) has_jitter: bool,
    pub(crate) honours_retry_after: bool,
}

/// A failure after which a request is attempted again.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub(crate) enum RetryCause {
    Status(u16),
    /// One of [`RETRY_KINDS`].
    Kind(&'static str),
}

impl RetryPolicy {
    /// Returns the failure of an attempt, and the wait before the next one; `None` if there is no other attempt.
    pub(crate) fn next(&self, attempt: u32, sample: &Sample, rng: &mut Rng) -> Option<(Problem, Duration)> {
        let problem = match &sample.verdict {
            Verdict::Completed => return None,
            Verdict::Failed(problem) => problem.clone(),
            Verdict::RateLimited => {
                let status = StatusCode::TOO_MANY_REQUESTS;
                Problem::new(FailureKind::Http(status.as_u16()), status.to_string())
            }
        };
        if attempt >= self.attempts || !self.on.iter().any(|cause| cause.is_of(problem.kind)) {
            return None;
        }
        Some((problem, self.wait(attempt, sample.answer.retry_after, rng)?))
    }

    fn wait(&self, attempt: u32, retry_after: Option<Duration>, rng: &mut Rng) -> Option<Duration> {
        if let Some(wait) = retry_after.filter(|_| self.honours_retry_after) {
            return (wait <= self.max_delay).then_some(wait);
        }
        let doubled = 1_u32.checked_shl(attempt.saturating_sub(1)).unwrap_or(u32::MAX);
        let wait = self.delay.saturating_mul(doubled).min(self.max_delay);
        Some(if self.has_jitter { wait.mul_f64(1.0 - rng.random_range(0.0..JITTER)) } else { wait })
    }
}

impl RetryCause {
    fn is_of(self, kind: FailureKind) -> bool {
        match (self, kind) {
            (Self::Status(status), FailureKind::Http(of)) => status == of,
            (Self::Kind("timeout"), FailureKind::Timeout(_)) => true,
            (Self::Kind(name), kind) => kind.to_string() == name,
            (Self::Status(_), _) => false,
        }
    }
}

/// Returns how long a server asks to wait before the next attempt: `retry-after-ms`, or `retry-after` in seconds or as a
/// date, which is compared with the date of the answer.
pub(crate) fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let text = |name| headers.get(name)?.to_str().ok().map(str::trim);
    let number = |name, per_second: f64| {
        let value: f64 = text(name)?.parse().ok()?;
        Duration::try_from_secs_f64(value / per_second).ok()
    };
    number("retry-after-ms", 1e3).or_else(|| number(header::RETRY_AFTER.as_str(), 1.0)).or_else(|| {
        let date = |name| httpdate::parse_http_date(text(name)?).ok();
        let (at, now) = (date(header::RETRY_AFTER.as_str())?, date(header::DATE.as_str())?);
        Some(at.duration_since(now).unwrap_or_default())
    })
}

#[cfg(test)]
mod tests {
    use weir_pace::Seed;
    use weir_wire::Phase;

    use super::*;

    const MS: fn(u64) -> Duration = Duration::from_millis;

    fn policy() -> RetryPolicy {
        RetryPolicy {
            on: vec![RetryCause::Status(429), RetryCause::Kind("timeout"), RetryCause::Kind("reset")],
            attempts: 4,
            delay: MS(500),
            max_delay: MS(800),
            has_jitter: false,
            honours_retry_after: true,
        }
    }

    #[test]
    fn is_of_statuses_and_kinds() {
        let matches = |kind| policy().on.iter().any(|cause| cause.is_of(kind));
        assert!(matches(FailureKind::Http(429)) && !matches(FailureKind::Http(503)));
        assert!(matches(FailureKind::Timeout(Phase::Idle)) && matches(FailureKind::Reset));
        assert!(!matches(FailureKind::Connect) && !matches(FailureKind::Truncated));
        for name in RETRY_KINDS.into_iter().filter(|name| *name != "timeout") {
            let kinds = [Phase::Connect, Phase::Tls, Phase::Send, Phase::Headers, Phase::Idle, Phase::Total]
                .map(FailureKind::Timeout)
                .into_iter()
                .chain([FailureKind::Connect, FailureKind::Tls, FailureKind::Reset, FailureKind::Truncated])
                .chain([FailureKind::StreamError, FailureKind::Check, FailureKind::Protocol])
                .chain([FailureKind::TooLarge]);
            let of_name = kinds.filter(|kind| RetryCause::Kind(name).is_of(*kind)).count();
            assert_eq!(of_name, 1, "{name}");
        }
    }

    #[test]
    fn wait_doubles_up_to_the_longest() {
        let mut rng = Seed::new(1).rng();
        let waits = [1, 2, 3, 40].map(|attempt| policy().wait(attempt, None, &mut rng));
        assert_eq!(waits, [500, 800, 800, 800].map(|ms| Some(MS(ms))));
        let jittered = RetryPolicy { has_jitter: true, ..policy() };
        let waits: Vec<Duration> = (0..50).filter_map(|_| jittered.wait(1, None, &mut rng)).collect();
        assert!(waits.iter().all(|wait| (MS(375)..=MS(500)).contains(wait)), "{waits:?}");
        assert!(waits.iter().any(|wait| *wait < MS(450)), "{waits:?}");
    }

    #[test]
    fn wait_honours_retry_after_up_to_the_longest() {
        let mut rng = Seed::new(1).rng();
        assert_eq!(policy().wait(1, Some(MS(20)), &mut rng), Some(MS(20)));
        assert_eq!(policy().wait(1, Some(MS(801)), &mut rng), None);
        let deaf = RetryPolicy { honours_retry_after: false, ..policy() };
        assert_eq!(deaf.wait(1, Some(MS(20)), &mut rng), Some(MS(500)));
    }

    #[test]
    fn retry_after_reads_seconds_milliseconds_and_dates() {
        let of = |pairs: &[(&'static str, &str)]| {
            let headers = pairs.iter().map(|(name, value)| {
                (http::HeaderName::from_static(name), http::HeaderValue::from_str(value).unwrap())
            });
            retry_after(&headers.collect())
        };
        assert_eq!(of(&[("retry-after", "2")]), Some(MS(2_000)));
        assert_eq!(of(&[("retry-after", " 0.25 ")]), Some(MS(250)));
        assert_eq!(of(&[("retry-after", "2"), ("retry-after-ms", "150")]), Some(MS(150)));
        let dates =
            [("date", "Mon, 30 Nov 2026 10:00:00 GMT"), ("retry-after", "Mon, 30 Nov 2026 10:00:03 GMT")];
        assert_eq!(of(&dates), Some(MS(3_000)));
        assert_eq!(of(&dates[1..]), None);
        for odd in ["-1", "soon", "inf", "NaN", "1e300"] {
            assert_eq!(of(&[("retry-after", odd)]), None, "{odd}");
        }
    }
}
