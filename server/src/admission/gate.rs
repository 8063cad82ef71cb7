//! Identifies the key of a request and checks its limits.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Instant,
};

use http::{HeaderMap, header::AUTHORIZATION};
use quick_cache::{DefaultHashBuilder, Lifecycle, UnitWeighter, unsync::Cache};
use twox_hash::XxHash3_64;
use weir_pace::Clock;

use super::{
    key::{ConcurrencyPermit, Exhausted, KeyState},
    limit::RateExceeded,
    reservation::AdmittedKey,
    tokens::TokenEstimate,
};
use crate::{
    config::{AdmissionConfig, Limits, Secret, UnknownKeys},
    telemetry::{KeyCounters, KeyMetrics, KeyOutcome},
};

/// Maximum unlisted keys in the table. A full table evicts one for a new one, a rarely used one first, and none with calls
/// in flight.
const UNKNOWN_KEYS_MAX: usize = 10_000;

/// Admits or rejects requests by their keys.
#[derive(Debug)]
pub struct Admission {
    listed: HashMap<Secret, Arc<KeyState>>,
    unknown: UnknownKeys,
    unknown_limits: Limits,
    /// By the hash of the key, so that no secret is stored.
    seen: Mutex<SeenKeys>,
    /// The metrics of all unlisted keys.
    unlisted: Arc<KeyCounters>,
    clock: Clock,
}

type SeenKeys = Cache<u64, Arc<KeyState>, UnitWeighter, DefaultHashBuilder, KeepKeysInUse>;

/// Keeps the keys with requests in flight: otherwise these would not count against the next.
#[derive(Clone, Copy, Debug, Default)]
struct KeepKeysInUse;

impl Lifecycle<u64, Arc<KeyState>> for KeepKeysInUse {
    type RequestState = ();

    fn is_pinned(&self, _: &u64, key: &Arc<KeyState>) -> bool {
        Arc::strong_count(key) > 1
    }

    fn begin_request(&self) {}

    fn on_evict(&self, (): &mut (), _: u64, _: Arc<KeyState>) {}
}

/// An admitted request; it counts against its key until this is dropped.
#[derive(Debug, Default)]
pub struct Admitted {
    /// Its key, unless that is unlisted and has no limits.
    pub key: Option<Arc<AdmittedKey>>,
    /// Held, never read.
    _slot: Option<ConcurrencyPermit>,
}

/// Why a request is rejected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Rejection {
    /// The key is missing or not listed.
    Unauthorized {
        /// The key of the request.
        given: GivenKey,
    },
    /// A limit of requests of the key is exceeded.
    Rate(Box<RateExceeded>),
    /// The concurrency limit of the key is exceeded.
    Concurrent {
        /// The limit.
        max: u32,
    },
}

/// The key of a request, if it has one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GivenKey {
    /// It has none.
    Missing,
    /// It is not listed.
    Unlisted,
}

impl Admission {
    /// Admits the keys of `config`, by `clock`, with counters of its own.
    pub fn new(config: &AdmissionConfig, clock: Clock) -> Self {
        Self::with_metrics(config, clock, &KeyMetrics::default())
    }

    pub(crate) fn with_metrics(config: &AdmissionConfig, clock: Clock, metrics: &KeyMetrics) -> Self {
        let now = clock.now();
        let listed = config.keys.iter().map(|key| {
            let state = KeyState::new(&key.limits, now, metrics.counters(Some(&key.name)));
            (key.secret.clone(), Arc::new(state))
        });
        Self {
            listed: listed.collect(),
            unknown: config.unknown_keys,
            unknown_limits: config.unknown_limits.clone(),
            seen: Mutex::new(Cache::with(
                UNKNOWN_KEYS_MAX,
                UNKNOWN_KEYS_MAX as u64,
                UnitWeighter,
                DefaultHashBuilder::default(),
                KeepKeysInUse,
            )),
            unlisted: metrics.counters(None),
            clock,
        }
    }

    /// Admits the request with these headers, or returns why not. Its provider estimates the tokens of answers by
    /// `estimate`.
    ///
    /// # Errors
    /// Fails if the key is not accepted, or a limit is exceeded.
    pub fn enter(&self, headers: &HeaderMap, estimate: TokenEstimate) -> Result<Admitted, Rejection> {
        let secret = presented(headers);
        let now = || self.clock.now();
        if let Some(key) = secret.and_then(|secret| self.listed.get(secret)) {
            return self.admit(Arc::clone(key), estimate, now());
        }
        match self.unknown {
            UnknownKeys::Reject => Err(Rejection::Unauthorized {
                given: if secret.is_some() { GivenKey::Unlisted } else { GivenKey::Missing },
            }),
            UnknownKeys::Accept if self.unknown_limits == Limits::default() => {
                self.unlisted.admitted();
                Ok(Admitted::default())
            }
            UnknownKeys::Accept => {
                let now = now();
                self.admit(self.seen(secret.unwrap_or_default(), now), estimate, now)
            }
        }
    }

    /// Counts the tokens of an answer to an unlisted key without limits.
    pub(crate) fn count_tokens(&self, prompt: u64, completion: u64) {
        self.unlisted.tokens(prompt, completion);
    }

    fn admit(
        &self,
        state: Arc<KeyState>,
        estimate: TokenEstimate,
        now: Instant,
    ) -> Result<Admitted, Rejection> {
        match state.enter(now) {
            Ok((slot, view)) => {
                state.counters.admitted();
                let key = AdmittedKey::new(state, estimate, self.clock.clone(), view);
                Ok(Admitted { key: Some(Arc::new(key)), _slot: slot })
            }
            Err(Exhausted::Rate(rate)) => {
                state.counters.refused(rate.exceeded.kind.into());
                Err(Rejection::Rate(rate))
            }
            Err(Exhausted::Concurrent { max }) => {
                state.counters.refused(KeyOutcome::Concurrent);
                Err(Rejection::Concurrent { max })
            }
        }
    }

    fn seen(&self, secret: &str, now: Instant) -> Arc<KeyState> {
        let hash = XxHash3_64::oneshot(secret.as_bytes());
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(key) = seen.get(&hash) {
            return Arc::clone(key);
        }
        let key = Arc::new(KeyState::new(&self.unknown_limits, now, Arc::clone(&self.unlisted)));
        seen.insert(hash, Arc::clone(&key));
        key
    }
}

/// Returns the key from the headers of OpenAI's, Anthropic's and the reference systems' clients.
pub(crate) fn presented(headers: &HeaderMap) -> Option<&str> {
    let bearer = headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok());
    bearer
        .and_then(|value| value.split_once(' '))
        .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"))
        .map(|(_, secret)| secret.trim())
        .or_else(|| {
            // Azure's clients send the latter.
            let key = headers.get("x-api-key").or_else(|| headers.get("api-key"));
            key.and_then(|value| value.to_str().ok())
        })
        .filter(|secret| !secret.is_empty())
}

#[cfg(test)]
mod tests;
