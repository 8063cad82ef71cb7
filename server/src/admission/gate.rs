//! Identifies the key of a request and checks its limits.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use http::{HeaderMap, header::AUTHORIZATION};
use quick_cache::{DefaultHashBuilder, Lifecycle, UnitWeighter, unsync::Cache};
use twox_hash::XxHash3_64;

use super::key::{ConcurrencyPermit, Exhausted, KeyState, RateView};
use crate::config::{AdmissionConfig, Limits, UnknownKeys};

/// Maximum unlisted keys in the table. A full table evicts one for a new one, a rarely used one first, and none with calls
/// in flight.
const UNKNOWN_KEYS_MAX: usize = 10_000;

/// Admits or rejects requests by their keys.
#[derive(Debug)]
pub(crate) struct Admission {
    listed: HashMap<String, KeyState>,
    unknown: UnknownKeys,
    unknown_limits: Limits,
    /// By the hash of the key, so that no secret is stored.
    seen: Mutex<SeenKeys>,
}

type SeenKeys = Cache<u64, Arc<KeyState>, UnitWeighter, DefaultHashBuilder, KeepKeysInUse>;

/// Keeps the keys with calls in flight: otherwise their calls would not count against the next.
#[derive(Clone, Copy, Debug, Default)]
struct KeepKeysInUse;

impl Lifecycle<u64, Arc<KeyState>> for KeepKeysInUse {
    type RequestState = ();

    fn is_pinned(&self, _: &u64, key: &Arc<KeyState>) -> bool {
        key.is_in_use()
    }

    fn begin_request(&self) {}

    fn on_evict(&self, (): &mut (), _: u64, _: Arc<KeyState>) {}
}

/// An admitted request; it counts against its key until this is dropped.
#[derive(Debug, Default)]
pub(crate) struct Admitted {
    pub(crate) rate: Option<RateView>,
    /// Held, never read.
    _slot: Option<ConcurrencyPermit>,
}

/// Why a request is rejected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Rejection {
    /// The key is missing or not listed.
    Unauthorized { given: GivenKey },
    /// The rate limit of the key is exceeded.
    Requests { view: RateView, retry_after: Duration },
    /// The concurrency limit of the key is exceeded.
    Concurrent { max: u32 },
}

/// The key of a request, if it has one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum GivenKey {
    Missing,
    Unlisted,
}

impl Admission {
    pub(crate) fn new(config: &AdmissionConfig) -> Self {
        let listed = config
            .keys
            .iter()
            .map(|key| (key.secret.reveal().to_owned(), KeyState::new(&key.limits)))
            .collect();
        Self {
            listed,
            unknown: config.unknown_keys,
            unknown_limits: config.unknown_limits.clone(),
            seen: Mutex::new(Cache::with(
                UNKNOWN_KEYS_MAX,
                UNKNOWN_KEYS_MAX as u64,
                UnitWeighter,
                DefaultHashBuilder::default(),
                KeepKeysInUse,
            )),
        }
    }

    /// Admits the request with these headers, or returns why not.
    pub(crate) fn enter(&self, headers: &HeaderMap) -> Result<Admitted, Rejection> {
        let secret = presented(headers);
        if let Some(key) = secret.and_then(|secret| self.listed.get(secret)) {
            return admit(key);
        }
        match self.unknown {
            UnknownKeys::Reject => Err(Rejection::Unauthorized {
                given: if secret.is_some() { GivenKey::Unlisted } else { GivenKey::Missing },
            }),
            UnknownKeys::Accept if self.unknown_limits == Limits::default() => Ok(Admitted::default()),
            UnknownKeys::Accept => admit(&self.seen(secret.unwrap_or_default())),
        }
    }

    fn seen(&self, secret: &str) -> Arc<KeyState> {
        let hash = XxHash3_64::oneshot(secret.as_bytes());
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(key) = seen.get(&hash) {
            return Arc::clone(key);
        }
        let key = Arc::new(KeyState::new(&self.unknown_limits));
        seen.insert(hash, Arc::clone(&key));
        key
    }
}

fn admit(key: &KeyState) -> Result<Admitted, Rejection> {
    match key.enter() {
        Ok((slot, rate)) => Ok(Admitted { rate, _slot: slot }),
        Err(Exhausted::Requests { view, retry_after }) => Err(Rejection::Requests { view, retry_after }),
        Err(Exhausted::Concurrent { max }) => Err(Rejection::Concurrent { max }),
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
mod tests {
    use std::num::NonZeroU32;

    use super::*;
    use crate::config::{KeyConfig, Secret};

    fn headers(name: &'static str, value: &str) -> HeaderMap {
        HeaderMap::from_iter([(name.parse().unwrap(), value.parse().unwrap())])
    }

    fn gate(unknown_keys: UnknownKeys) -> Admission {
        let limits = |rate: &str| Limits { requests: Some(rate.parse().unwrap()), concurrent: None };
        Admission::new(&AdmissionConfig {
            unknown_keys,
            unknown_limits: limits("2/h"),
            keys: vec![KeyConfig {
                name: "a".into(),
                secret: Secret::new("sk-a".into()),
                limits: limits("5/h"),
            }],
        })
    }

    fn remaining(gate: &Admission, headers: &HeaderMap) -> u32 {
        gate.enter(headers).unwrap().rate.unwrap().remaining
    }

    #[test]
    fn enter_with_listed_key_in_any_header_uses_its_limit() {
        let gate = gate(UnknownKeys::Reject);
        assert_eq!(remaining(&gate, &headers("authorization", "Bearer sk-a")), 4);
        assert_eq!(remaining(&gate, &headers("x-api-key", "sk-a")), 3);
        assert_eq!(remaining(&gate, &headers("api-key", "sk-a")), 2);
    }

    #[test]
    fn enter_with_unlisted_keys_has_separate_limits() {
        let gate = gate(UnknownKeys::Accept);
        assert_eq!(remaining(&gate, &headers("x-api-key", "one")), 1);
        assert_eq!(remaining(&gate, &headers("x-api-key", "two")), 1);
        assert_eq!(remaining(&gate, &headers("x-api-key", "one")), 0);
        assert!(matches!(
            gate.enter(&headers("x-api-key", "one")),
            Err(Rejection::Requests { view: RateView { limit: 2, .. }, .. })
        ));
    }

    #[test]
    fn enter_more_unlisted_keys_than_fit_keeps_limit_of_used_key() {
        let gate = gate(UnknownKeys::Accept);
        let used = headers("x-api-key", "used");
        assert_eq!((remaining(&gate, &used), remaining(&gate, &used)), (1, 0));
        for key in 0..2 * UNKNOWN_KEYS_MAX {
            assert_eq!(remaining(&gate, &headers("x-api-key", &format!("once-{key}"))), 1);
        }
        assert!(matches!(gate.enter(&used), Err(Rejection::Requests { .. })));
        assert!(gate.seen.lock().unwrap().len() <= UNKNOWN_KEYS_MAX);
    }

    #[test]
    fn enter_more_unlisted_keys_than_fit_keeps_calls_in_flight() {
        let gate = Admission::new(&AdmissionConfig {
            unknown_keys: UnknownKeys::Accept,
            unknown_limits: Limits { requests: None, concurrent: NonZeroU32::new(1) },
            keys: Vec::new(),
        });
        let busy = headers("x-api-key", "busy");
        let call = gate.enter(&busy).unwrap();
        for key in 0..2 * UNKNOWN_KEYS_MAX {
            drop(gate.enter(&headers("x-api-key", &format!("once-{key}"))).unwrap());
        }
        assert_eq!(gate.enter(&busy).unwrap_err(), Rejection::Concurrent { max: 1 });
        drop(call);
        assert!(gate.enter(&busy).is_ok());
    }

    #[test]
    fn enter_with_unlisted_key_rejects_if_configured() {
        let gate = gate(UnknownKeys::Reject);
        let refusal = |headers: &HeaderMap| gate.enter(headers).unwrap_err();
        assert_eq!(refusal(&HeaderMap::new()), Rejection::Unauthorized { given: GivenKey::Missing });
        assert_eq!(
            refusal(&headers("authorization", "Bearer nope")),
            Rejection::Unauthorized { given: GivenKey::Unlisted }
        );
    }
}
