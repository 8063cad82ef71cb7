use http::HeaderValue;

use super::*;
use crate::{
    config::{BackendSettings as _, ConfigError},
    faults::settings::RawFaults,
};

const S: Duration = Duration::from_secs(1);
const CHAT: &str = "/v1/chat/completions";

fn settings(text: &str) -> Result<Vec<RuleSettings>, ConfigError> {
    #[derive(serde::Deserialize)]
    struct File {
        fault: RawFaults,
    }
    toml::from_str::<File>(text).unwrap().fault.check()
}

fn rules(text: &str) -> Rules {
    Rules::new(Seed::new(7), &settings(text).unwrap())
}

fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
    pairs.iter().map(|(name, value)| (name.parse().unwrap(), HeaderValue::from_static(value))).collect()
}

/// A chat request for a plain answer.
fn request(headers: &HeaderMap) -> RequestView<'_> {
    RequestView {
        method: &Method::POST,
        path: CHAT,
        access: Access::RateLimited,
        headers,
        key: None,
        model: Some("gpt-4o-mini".into()),
        body: 1,
        is_stream: false,
        time: Duration::ZERO,
        in_flight: 0,
        waiting: 0,
    }
}

/// The name of the chosen fault.
fn choose(rules: &Rules, request: &RequestView<'_>) -> Option<&'static str> {
    rules.choose(request).map(|fault| fault.info.name)
}

#[test]
fn choose_requires_all_conditions() {
    let text = "[[fault]]\ndo = 'status=500'\nmodel = 'gpt-*'\nkey = 'a'\nendpoint = '/v1/chat/*'\nheader = 'x-test: sl*'\nat = '10s'\nfor = '5s'";
    let (rules, given) = (rules(text), headers(&[("x-test", "slow")]));
    let matching = || RequestView { key: Some("a"), time: 12 * S, ..request(&given) };
    assert_eq!(choose(&rules, &matching()), Some("status"));
    let other = headers(&[("x-test", "fast")]);
    for request in [
        RequestView { model: Some("claude-3".into()), ..matching() },
        RequestView { model: None, ..matching() },
        RequestView { key: Some("b"), ..matching() },
        RequestView { key: None, ..matching() },
        RequestView { path: "/v1/embeddings", ..matching() },
        RequestView { headers: &other, ..matching() },
        RequestView { time: 9 * S, ..matching() },
        RequestView { time: 15 * S, ..matching() },
    ] {
        assert_eq!(choose(&rules, &request), None, "{request:?}");
    }
}

#[test]
fn choose_first_matching_rule_wins() {
    let rules = rules("[[fault]]\ndo = 'delay'\nmodel = 'claude-*'\n[[fault]]\ndo = 'reset'\n");
    let none = HeaderMap::new();
    assert_eq!(choose(&rules, &request(&none)), Some("reset"));
    assert_eq!(
        choose(&rules, &RequestView { model: Some("claude-3".into()), ..request(&none) }),
        Some("delay")
    );
}

#[test]
fn choose_fault_of_streams_only_for_streams() {
    let rules = rules("[[fault]]\ndo = 'truncate'\nfirst = 1\n[[fault]]\ndo = 'reset; after=5'\n");
    let none = HeaderMap::new();
    let stream = || RequestView { is_stream: true, ..request(&none) };
    // Plain requests are not counted.
    assert_eq!(choose(&rules, &request(&none)), None);
    assert_eq!(choose(&rules, &stream()), Some("truncate"));
    assert_eq!(choose(&rules, &stream()), Some("reset"));
}

#[test]
fn choose_open_endpoint_only_if_it_is_named() {
    let none = HeaderMap::new();
    let health = || RequestView { path: "/health", access: Access::Open, ..request(&none) };
    assert_eq!(choose(&rules("[[fault]]\ndo = 'status'"), &health()), None);
    let named = rules("[[fault]]\ndo = 'status'\nendpoint = '/health'");
    assert_eq!(choose(&named, &health()), Some("status"));
    let get = rules("[[fault]]\ndo = 'status'\nendpoint = 'GET /v1/*'");
    assert_eq!(choose(&get, &request(&none)), None);
}

#[test]
fn choose_counts_by_kind() {
    let rules = rules("[[fault]]\ndo = 'status'\nfirst = 2\nper = 'header:x-session'");
    let (one, two) = (headers(&[("x-session", "1")]), headers(&[("x-session", "2")]));
    let chosen =
        [&one, &two, &one, &one, &two, &two].map(|headers| choose(&rules, &request(headers)).is_some());
    assert_eq!(chosen, [true, true, true, false, true, false]);
}

#[test]
fn choose_every_nth_of_requests_that_match() {
    let rules = rules("[[fault]]\ndo = 'status'\nevery_nth = 3\nmodel = 'gpt-*'");
    let none = HeaderMap::new();
    let chosen: Vec<bool> = (0..12)
        .map(|index| {
            let model = if index % 2 == 0 { "gpt-4o" } else { "fast" };
            choose(&rules, &RequestView { model: Some(model.into()), ..request(&none) }).is_some()
        })
        .collect();
    let hits: Vec<usize> = (0..12).filter(|index| chosen[*index]).collect();
    assert_eq!(hits, [4, 10]);
}

#[test]
fn choose_share_depends_on_seed_body_and_turn_alone() {
    let text = "[[fault]]\ndo = 'status'\nshare = 0.3";
    let none = HeaderMap::new();
    let run = |order: &[u64]| {
        let rules = rules(text);
        let mut chosen: Vec<(u64, bool)> = order
            .iter()
            .map(|body| (*body, choose(&rules, &RequestView { body: *body, ..request(&none) }).is_some()))
            .collect();
        chosen.sort_unstable();
        chosen
    };
    let bodies: Vec<u64> = (0..2_000).map(|index| index % 50).collect();
    let reversed: Vec<u64> = bodies.iter().rev().copied().collect();
    let chosen = run(&bodies);
    assert_eq!(chosen, run(&bodies));
    assert_eq!(chosen, run(&reversed), "the same set in any order");
    let share = chosen.iter().filter(|(_, is_chosen)| *is_chosen).count() as f64 / 2_000.0;
    // Four standard errors.
    assert!((share - 0.3).abs() < 4.0 * (0.3_f64 * 0.7 / 2_000.0).sqrt(), "{share}");
    let other = Rules::new(Seed::new(8), &settings(text).unwrap());
    let differs = (0..200).any(|body| {
        choose(&other, &RequestView { body, ..request(&none) }).is_some()
            != choose(&rules(text), &RequestView { body, ..request(&none) }).is_some()
    });
    assert!(differs, "another seed decides otherwise");
}

#[test]
fn choose_share_rises_with_load() {
    let text = "[[fault]]\ndo = 'status'\nshare = 0.8\nin_flight = { from = 10, to = 50 }";
    let none = HeaderMap::new();
    let share_at = |in_flight| {
        let rules = rules(text);
        let chosen = (0..4_000).filter(|body| {
            choose(&rules, &RequestView { body: *body, in_flight, ..request(&none) }).is_some()
        });
        chosen.count() as f64 / 4_000.0
    };
    for (in_flight, expected) in [(0, 0.0), (10, 0.0), (30, 0.4), (50, 0.8), (500, 0.8)] {
        let share = share_at(in_flight);
        assert!((share - expected).abs() < 0.035, "{in_flight} in flight: {share}");
    }
    let waiting = rules("[[fault]]\ndo = 'status'\nwaiting = { from = 0, to = 1 }");
    assert_eq!(choose(&waiting, &request(&none)), None);
    assert_eq!(choose(&waiting, &RequestView { waiting: 1, ..request(&none) }), Some("status"));
}

#[test]
fn choose_refusals_concern_no_request() {
    let rules = rules("[[fault]]\ndo = 'refuse'\nat = '0s'\nfor = '10s'");
    assert!(rules.is_empty());
}
