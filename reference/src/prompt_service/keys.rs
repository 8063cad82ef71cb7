//! Keys and their hourly limits.

use std::{
    collections::{BTreeMap, HashMap},
    sync::{Mutex, PoisonError},
    time::Instant,
};

use http::HeaderMap;

use super::config::HourlyKey;
use super::window::{extras, hourly};
use weir_server::{FixedWindow, LimitView, Problem, ProblemKind, Secret};

/// The listed keys and their usage.
#[derive(Debug)]
pub(super) struct Keys(HashMap<Secret, Mutex<FixedWindow>>);

impl Keys {
    pub(super) fn new(keys: &BTreeMap<String, HourlyKey>) -> Self {
        let window = |key: &HourlyKey| (key.secret.clone(), Mutex::new(hourly(key.per_hour)));
        Self(keys.values().map(window).collect())
    }

    /// Starts the hour of every key again; returns their number.
    pub(super) fn reset(&self) -> usize {
        for window in self.0.values() {
            window.lock().unwrap_or_else(PoisonError::into_inner).reset();
        }
        self.0.len()
    }

    /// Counts a request against the hourly limit of the key in `headers`.
    pub(super) fn take(&self, headers: &HeaderMap, now: Instant) -> Result<LimitView, Problem> {
        let unauthorised = |message: &str| Problem::new(ProblemKind::InvalidKey, message.to_owned());
        let given = headers
            .get("x-api-key")
            .ok_or_else(|| unauthorised("no API key was given: expected one in the header X-API-Key"))?;
        let window = given.to_str().ok().and_then(|key| self.0.get(&Secret::new(key.trim().to_owned())));
        let window = window.ok_or_else(|| unauthorised("the API key that was given is not a known one"))?;
        let taken = window.lock().unwrap_or_else(PoisonError::into_inner).take_one(now);
        taken.map_err(|view| Problem {
            retry_after: Some(view.reset),
            extras: Some(Box::new(extras(&view))),
            ..Problem::new(
                ProblemKind::RateLimited,
                format!("rate limit reached: this key may make {} requests an hour", view.limit),
            )
        })
    }
}
