//! Checks the retry policy of a task.

use std::time::Duration;

use weir_pace::Suggestion;

use crate::task::{RETRY_KINDS, RetryCause, RetryPolicy};

use super::error::{Invalid, ScenarioProblem};
use super::raw::{RawDuration, RawRetry, RawRetryCause};

/// The statuses that are retried if a policy names none.
const DEFAULT_STATUSES: [u16; 6] = [408, 429, 500, 502, 503, 504];

/// The kinds of failures that are retried if a policy names none.
const DEFAULT_KINDS: [&str; 2] = ["connect", "reset"];

const DEFAULT_ATTEMPTS: i64 = 3;

/// The most attempts of a request.
const ATTEMPTS_MAX: i64 = 100;

const DEFAULT_DELAY: Duration = Duration::from_millis(500);

const DEFAULT_DELAY_MAX: Duration = Duration::from_secs(60);

pub(super) fn check_retry(raw: RawRetry) -> Result<RetryPolicy, Invalid> {
    let attempts = raw.attempts.unwrap_or(DEFAULT_ATTEMPTS);
    let checked = u32::try_from(attempts).ok().filter(|_| (2..=ATTEMPTS_MAX).contains(&attempts));
    let attempts = checked.ok_or_else(|| {
        let expected = format!("a number of attempts from 2 to {ATTEMPTS_MAX}, the first included");
        Invalid::range("retry.attempts", &attempts, expected)
    })?;
    let on = match raw.on {
        Some(causes) if causes.is_empty() => {
            let needed = "a status or a kind of failure (on = [429, \"connect\"])";
            return Err(Invalid::new("retry.on", ScenarioProblem::Missing { needed }));
        }
        Some(causes) => (0..).zip(causes).map(|(index, raw)| cause(index, raw)).collect::<Result<_, _>>()?,
        None => {
            let statuses = DEFAULT_STATUSES.into_iter().map(RetryCause::Status);
            statuses.chain(DEFAULT_KINDS.into_iter().map(RetryCause::Kind)).collect()
        }
    };
    let length = |given: Option<RawDuration>, default| given.map_or(default, |given| given.0);
    let (delay, max_delay) = (length(raw.delay, DEFAULT_DELAY), length(raw.max_delay, DEFAULT_DELAY_MAX));
    if raw.delay.is_some() && max_delay < delay {
        let expected = "a wait of `delay` or more";
        return Err(Invalid::range("retry.max_delay", &format!("{max_delay:?}"), expected));
    }
    Ok(RetryPolicy {
        on,
        attempts,
        delay,
        max_delay,
        has_jitter: raw.jitter.unwrap_or(true),
        honours_retry_after: raw.honour_retry_after.unwrap_or(true),
    })
}

fn cause(index: usize, raw: RawRetryCause) -> Result<RetryCause, Invalid> {
    let key = format!("retry.on[{index}]");
    match raw {
        RawRetryCause::Status(status) => {
            let checked = u16::try_from(status).ok().filter(|status| (300..600).contains(status));
            let expected = "an HTTP status that is no success (300 to 599)";
            checked.map(RetryCause::Status).ok_or_else(|| Invalid::range(key, &status, expected))
        }
        RawRetryCause::Kind(name) => {
            let known = RETRY_KINDS.iter().find(|known| **known == name);
            known.map(|known| RetryCause::Kind(known)).ok_or_else(|| {
                let suggestion = Suggestion::new(&name, RETRY_KINDS);
                Invalid::new(key, ScenarioProblem::UnknownName { what: "kind of failure", name, suggestion })
            })
        }
    }
}
