//! Tests of keys, and of the limits of each.

use std::{num::NonZeroU32, time::Duration};

use super::*;
use crate::{
    config::{KeyConfig, Limit, LimitAlgorithm},
    telemetry::{Exposition, Metrics},
};

fn headers(name: &'static str, value: &str) -> HeaderMap {
    HeaderMap::from_iter([(name.parse().unwrap(), value.parse().unwrap())])
}

/// Limits of this number of requests an hour.
fn per_hour(amount: u64) -> Limits {
    let limit = Limit {
        amount: amount.try_into().unwrap(),
        period: Duration::from_secs(3_600),
        algorithm: LimitAlgorithm::Bucket,
    };
    Limits { requests: vec![limit], ..Limits::default() }
}

fn with_config(clock: &Clock, config: &AdmissionConfig) -> Admission {
    Admission::new(config, clock.clone())
}

fn gate(clock: &Clock, unknown_keys: UnknownKeys) -> Admission {
    let keys = vec![KeyConfig { name: "a".into(), secret: Secret::new("sk-a".into()), limits: per_hour(5) }];
    with_config(clock, &AdmissionConfig { unknown_keys, unknown_limits: per_hour(2), keys })
}

fn enter(gate: &Admission, headers: &HeaderMap) -> Result<Admitted, Rejection> {
    gate.enter(headers, TokenEstimate::Sum)
}

fn remaining(gate: &Admission, headers: &HeaderMap) -> u64 {
    enter(gate, headers).unwrap().key.unwrap().view().requests.unwrap().remaining
}

fn is_rate_limited(gate: &Admission, headers: &HeaderMap, amount: u64) -> bool {
    matches!(enter(gate, headers), Err(Rejection::Rate(rate)) if rate.exceeded.limit == amount)
}

#[test]
fn enter_with_listed_key_in_any_header_uses_its_limit() {
    weir_pace::simulate(|clock| async move {
        let gate = gate(&clock, UnknownKeys::Reject);
        assert_eq!(remaining(&gate, &headers("authorization", "Bearer sk-a")), 4);
        assert_eq!(remaining(&gate, &headers("x-api-key", "sk-a")), 3);
        assert_eq!(remaining(&gate, &headers("api-key", "sk-a")), 2);
    });
}

#[test]
fn debug_of_admission_hides_keys() {
    weir_pace::simulate(|clock| async move {
        let gate = gate(&clock, UnknownKeys::Accept);
        assert!(!format!("{gate:?}").contains("sk-a"));
    });
}

#[test]
fn enter_with_unlisted_keys_has_separate_limits() {
    weir_pace::simulate(|clock| async move {
        let gate = gate(&clock, UnknownKeys::Accept);
        assert_eq!(remaining(&gate, &headers("x-api-key", "one")), 1);
        assert_eq!(remaining(&gate, &headers("x-api-key", "two")), 1);
        assert_eq!(remaining(&gate, &headers("x-api-key", "one")), 0);
        assert!(is_rate_limited(&gate, &headers("x-api-key", "one"), 2));
    });
}

#[test]
fn enter_more_unlisted_keys_than_fit_keeps_limit_of_used_key() {
    weir_pace::simulate(|clock| async move {
        let gate = gate(&clock, UnknownKeys::Accept);
        let used = headers("x-api-key", "used");
        assert_eq!((remaining(&gate, &used), remaining(&gate, &used)), (1, 0));
        for key in 0..2 * UNKNOWN_KEYS_MAX {
            assert_eq!(remaining(&gate, &headers("x-api-key", &format!("once-{key}"))), 1);
        }
        assert!(is_rate_limited(&gate, &used, 2));
        assert!(gate.seen.lock().unwrap().len() <= UNKNOWN_KEYS_MAX);
    });
}

#[test]
fn enter_more_unlisted_keys_than_fit_keeps_calls_in_flight() {
    weir_pace::simulate(|clock| async move {
        let unknown_limits = Limits { concurrent: NonZeroU32::new(1), ..Limits::default() };
        let unknown_keys = UnknownKeys::Accept;
        let gate = with_config(&clock, &AdmissionConfig { unknown_keys, unknown_limits, keys: Vec::new() });
        let busy = headers("x-api-key", "busy");
        let call = enter(&gate, &busy).unwrap();
        for key in 0..2 * UNKNOWN_KEYS_MAX {
            drop(enter(&gate, &headers("x-api-key", &format!("once-{key}"))).unwrap());
        }
        assert_eq!(enter(&gate, &busy).unwrap_err(), Rejection::Concurrent { max: 1 });
        drop(call);
        assert!(enter(&gate, &busy).is_ok());
    });
}

#[test]
fn enter_more_unlisted_keys_than_fit_keeps_tokens_in_flight() {
    weir_pace::simulate(|clock| async move {
        let unknown_limits = Limits { tokens: per_hour(100).requests, ..Limits::default() };
        let unknown_keys = UnknownKeys::Accept;
        let gate = with_config(&clock, &AdmissionConfig { unknown_keys, unknown_limits, keys: Vec::new() });
        let busy = headers("x-api-key", "busy");
        let reserve = |tokens| enter(&gate, &busy).unwrap().key.unwrap().reserve(tokens, Some(0));
        let _answer = reserve(80).unwrap();
        for key in 0..2 * UNKNOWN_KEYS_MAX {
            drop(enter(&gate, &headers("x-api-key", &format!("once-{key}"))).unwrap());
        }
        let exceeded = reserve(30).unwrap_err();
        assert_eq!((exceeded.limit, exceeded.used, exceeded.requested), (100, 80, 30));
    });
}

#[test]
fn enter_with_exhausted_key_admits_others() {
    weir_pace::simulate(|clock| async move {
        let gate = gate(&clock, UnknownKeys::Accept);
        let greedy = headers("x-api-key", "sk-a");
        let admitted = (0..10_000).filter(|_| enter(&gate, &greedy).is_ok()).count();
        assert_eq!(admitted, 5);
        assert_eq!(remaining(&gate, &headers("x-api-key", "other")), 1);
    });
}

#[test]
fn enter_with_unlisted_key_rejects_if_configured() {
    weir_pace::simulate(|clock| async move {
        let gate = gate(&clock, UnknownKeys::Reject);
        let refusal = |headers: &HeaderMap| enter(&gate, headers).unwrap_err();
        assert_eq!(refusal(&HeaderMap::new()), Rejection::Unauthorized { given: GivenKey::Missing });
        assert_eq!(
            refusal(&headers("authorization", "Bearer nope")),
            Rejection::Unauthorized { given: GivenKey::Unlisted }
        );
    });
}

#[test]
fn enter_and_reserve_count_by_name_of_key() {
    weir_pace::simulate(|clock| async move {
        let metrics = Metrics::new();
        let limits = Limits { tokens: per_hour(100).requests, concurrent: NonZeroU32::new(1), ..per_hour(3) };
        let keys = vec![KeyConfig { name: "team-a".into(), secret: Secret::new("sk-a".into()), limits }];
        let unknown_limits = Limits::default();
        let config = AdmissionConfig { unknown_keys: UnknownKeys::Accept, unknown_limits, keys };
        let gate = Admission::with_metrics(&config, clock.clone(), &metrics.keys);
        let listed = headers("x-api-key", "sk-a");
        let first = enter(&gate, &listed).unwrap();
        let key = first.key.as_ref().unwrap();
        let mut answer = key.reserve(30, Some(40)).unwrap();
        answer.add(7);
        assert!(key.reserve(100, Some(1)).is_err());
        assert!(enter(&gate, &listed).is_err());
        drop((first, answer));
        (0..2).for_each(|_| drop(enter(&gate, &listed).unwrap()));
        assert!(enter(&gate, &listed).is_err());
        (0..4).for_each(|key| drop(enter(&gate, &headers("x-api-key", &format!("other-{key}"))).unwrap()));
        gate.count_tokens(5, 6);
        let text = metrics.render(Exposition::Prometheus).unwrap();
        for line in [
            r#"key_requests_total{key="team-a",outcome="admitted"} 3"#,
            r#"key_requests_total{key="team-a",outcome="requests"} 1"#,
            r#"key_requests_total{key="team-a",outcome="tokens"} 1"#,
            r#"key_requests_total{key="team-a",outcome="concurrent"} 1"#,
            r#"key_tokens_total{key="team-a",kind="prompt"} 30"#,
            r#"key_tokens_total{key="team-a",kind="completion"} 7"#,
            r#"key_requests_total{key="(unlisted)",outcome="admitted"} 4"#,
            r#"key_tokens_total{key="(unlisted)",kind="completion"} 6"#,
        ] {
            assert!(text.contains(line), "{line}\n{text}");
        }
    });
}
