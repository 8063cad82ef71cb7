//! Property tests: no body causes a server error.

use std::sync::{Arc, LazyLock};

use axum::{Router, body::Body, extract::Request};
use http::{Method, StatusCode};
use http_body_util::BodyExt as _;
use proptest::{collection::vec, prelude::*, sample::select};
use serde_json::{Map, Value, json};
use tokio::runtime::Runtime;
use tower_service::Service as _;
use weir_pace::{Clock, TimerConfig};

use crate::{
    app::{Backends, router},
    config::{Config, RawConfig},
    context::ServerContext,
    faults::Faults,
};

const ANTHROPIC: (&str, &str) = ("anthropic-version", "2023-06-01");
const SETTINGS: &str = "[models]\nunknown = 'accept'\nunknown_ids = 'synthesize'\ndefault = 'instant'\n";

/// Every endpoint with a body, and a valid body.
const SOUND: [(&str, &str); 10] = [
    (
        "/v1/chat/completions",
        r#"{"model":"m","messages":[{"role":"user","content":[{"type":"text","text":"a"}]},
            {"role":"assistant","tool_calls":[{"id":"c","type":"function","function":{"name":"f","arguments":"{}"}}]},
            {"role":"tool","tool_call_id":"c","content":"b"}],"max_tokens":4,"n":2,"stop":["x"],"stream":true,
            "stream_options":{"include_usage":true},"logprobs":true,"top_logprobs":2,"temperature":1,
            "tools":[{"type":"function","function":{"name":"f","parameters":{"type":"object","properties":{"a":
            {"type":"string","pattern":"^a+$"}},"required":["a"]}}}],"tool_choice":"auto","store":true,
            "response_format":{"type":"json_schema","json_schema":{"name":"s","schema":{"type":"object"}}}}"#,
    ),
    (
        "/v1/completions",
        r#"{"model":"m","prompt":[[1],[2]],"max_tokens":4,"n":2,"echo":true,"logprobs":1,"stop":"x"}"#,
    ),
    (
        "/v1/responses",
        r#"{"model":"m","input":[{"role":"user","content":[{"type":"input_text","text":"a"}]},
            {"type":"function_call","call_id":"c","name":"f","arguments":"{}"},
            {"type":"function_call_output","call_id":"c","output":"b"}],"stream":true,"max_output_tokens":16,
            "tools":[{"type":"function","name":"f","parameters":{"type":"object","additionalProperties":false},"strict":true}],
            "tool_choice":"auto","text":{"format":{"type":"json_schema","name":"s","schema":{"type":"object"}}},
            "reasoning":{"effort":"low","summary":"auto"},"metadata":{"a":"b"}}"#,
    ),
    ("/v1/responses/compact", r#"{"model":"m","input":[{"role":"user","content":"a"}]}"#),
    ("/v1/responses/input_tokens", r#"{"model":"m","input":"a","tools":[{"type":"function","name":"f"}]}"#),
    ("/v1/embeddings", r#"{"model":"m","input":["a"],"encoding_format":"base64","dimensions":8}"#),
    (
        "/v1/messages",
        r#"{"model":"m","max_tokens":4,"system":[{"type":"text","text":"s","cache_control":{"type":"ephemeral"}}],
            "messages":[{"role":"user","content":[{"type":"text","text":"a"}]},{"role":"assistant","content":
            [{"type":"tool_use","id":"c","name":"f","input":{}}]},{"role":"user","content":[{"type":"tool_result",
            "tool_use_id":"c","content":"b"}]}],"stream":true,"stop_sequences":["x"],"tools":[{"name":"f",
            "input_schema":{"type":"object","properties":{"a":{"enum":[1,2]}}}}],"tool_choice":{"type":"auto"},
            "thinking":{"type":"disabled"},"temperature":1}"#,
    ),
    ("/v1/messages/count_tokens", r#"{"model":"m","messages":[{"role":"user","content":"a"}]}"#),
    ("/tokenize", r#"{"prompt":"a","return_token_strs":true}"#),
    ("/detokenize", r#"{"tokens":[1,2]}"#),
];

/// Words with a meaning in some API.
const WORDS: [&str; 28] = [
    "",
    "type",
    "text",
    "user",
    "assistant",
    "tool",
    "system",
    "function",
    "image_url",
    "input_text",
    "object",
    "array",
    "string",
    "json_schema",
    "auto",
    "required",
    "none",
    "enabled",
    "name",
    "content",
    "role",
    "schema",
    "properties",
    "items",
    "$ref",
    "#/",
    "anyOf",
    "pattern",
];

static RUNTIME: LazyLock<(Runtime, Router)> = LazyLock::new(|| {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_io().build().unwrap();
    let raw = RawConfig::from_toml(SETTINGS, "test", &[]).unwrap();
    let config: Config = raw.over(RawConfig::defaults(&[]).unwrap()).try_into().unwrap();
    let chains = weir_chains::Catalog::parse("", "test").unwrap();
    let server = runtime.block_on(async {
        let clock = Clock::start(TimerConfig::default()).unwrap();
        ServerContext::new(config, weir_model::Catalog::embedded().unwrap(), chains, clock).unwrap()
    });
    let faults = Arc::new(Faults::new(&server).unwrap());
    (runtime, router(&server, &faults, &Backends::new()).unwrap())
});

fn any_json() -> impl Strategy<Value = Value> {
    let numbers = prop_oneof![
        select(vec![json!(0), json!(-1), json!(1.5), json!(u64::MAX), json!(i64::MIN), json!(1e300)]),
        (-10..3000_i64).prop_map(Value::from),
    ];
    let texts = prop_oneof![select(&WORDS[..]).prop_map(Value::from), "\\PC{0,12}".prop_map(Value::from)];
    let leaf = prop_oneof![Just(Value::Null), any::<bool>().prop_map(Value::from), numbers, texts];
    leaf.prop_recursive(4, 24, 5, |inner| {
        let key = prop_oneof![select(&WORDS[..]).prop_map(str::to_owned), "[a-z]{1,6}"];
        prop_oneof![
            vec(inner.clone(), 0..5).prop_map(Value::from),
            vec((key, inner), 0..5)
                .prop_map(|fields| Value::Object(fields.into_iter().collect::<Map<_, _>>())),
        ]
    })
}

/// Collects the JSON pointers of all values in `value`.
fn pointers(value: &Value, at: &str, found: &mut Vec<String>) {
    found.push(at.to_owned());
    match value {
        Value::Object(fields) => {
            fields.iter().for_each(|(name, field)| pointers(field, &format!("{at}/{name}"), found));
        }
        Value::Array(items) => {
            items
                .iter()
                .enumerate()
                .for_each(|(index, item)| pointers(item, &format!("{at}/{index}"), found));
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// A valid body of the endpoint, with some of its values changed.
fn changed(sound: &str, changes: &[(prop::sample::Index, Value)]) -> Value {
    let mut body: Value = serde_json::from_str(sound).unwrap();
    for (index, value) in changes {
        let mut found = Vec::new();
        pointers(&body, "", &mut found);
        let place = found.swap_remove(index.index(found.len()));
        // A name with a slash is not a valid pointer.
        if let Some(place) = body.pointer_mut(&place) {
            *place = value.clone();
        }
    }
    body
}

/// Returns the status and the body of the response.
fn send(path: &str, body: String) -> (StatusCode, String) {
    let (runtime, router) = &*RUNTIME;
    let request = Request::builder().method(Method::POST).uri(path).header(ANTHROPIC.0, ANTHROPIC.1);
    let request = request.body(Body::from(body)).unwrap();
    let mut router = router.clone();
    runtime.block_on(async move {
        let response = router.call(request).await.unwrap();
        let status = response.status();
        let answer = response.into_body().collect().await.unwrap().to_bytes();
        (status, String::from_utf8_lossy(&answer).into_owned())
    })
}

#[test]
fn valid_bodies_get_an_answer() {
    for (path, body) in SOUND {
        let (status, answer) = send(path, body.to_owned());
        assert_eq!(status, StatusCode::OK, "{path}: {answer}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]
    #[test]
    fn changed_valid_bodies_get_no_server_error(
        endpoint in select(&SOUND[..]), changes in vec((any::<prop::sample::Index>(), any_json()), 1..4),
    ) {
        let body = changed(endpoint.1, &changes).to_string();
        let (status, _) = send(endpoint.0, body.clone());
        prop_assert!(!status.is_server_error(), "{} {body}: {status}", endpoint.0);
    }

    #[test]
    fn arbitrary_bytes_get_no_server_error(endpoint in select(&SOUND[..]), cut in any::<prop::sample::Index>(), with in "\\PC{0,3}") {
        let at = endpoint.1.char_indices().map(|(at, _)| at).nth(cut.index(endpoint.1.len())).unwrap_or(0);
        let (before, after) = endpoint.1.split_at(at);
        for body in [format!("{before}{with}"), format!("{before}{with}{after}")] {
            let (status, _) = send(endpoint.0, body.clone());
            prop_assert!(!status.is_server_error(), "{} {body}: {status}", endpoint.0);
        }
    }
}
