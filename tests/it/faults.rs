//! Simulated faults and overrides of requests, as clients see them.
//!
//! `raw` reads the bytes of answers, `load` what `weir load` makes of them, `rules` the settings.

mod load;
mod overrides;
mod raw;
mod rules;

use http::{HeaderName, HeaderValue};
use serde_json::{Value, json};
use weir_wire::Request;

use crate::support::{chat, post};

/// Adds a header.
fn with(request: Request, name: &'static str, value: &str) -> Request {
    request.with_header(HeaderName::from_static(name), HeaderValue::from_str(value).unwrap())
}

/// A request that asks for a fault.
fn faulty(request: Request, fault: &str) -> Request {
    with(request, "x-weir-fault", fault)
}

/// A chat request for a stream of ten tokens.
fn stream() -> Request {
    chat("instant", &json!({"stream": true, "max_tokens": 10}))
}

/// A request of Anthropic's API.
fn messages(body: &Value) -> Request {
    with(post("/v1/messages", body), "anthropic-version", "2023-06-01")
}

/// Requests for a stream in each API: its name, and the request.
fn streams() -> [(&'static str, Request); 5] {
    let prompt = json!([{"role": "user", "content": "Hello"}]);
    let asks = |path: &str, body: Value| post(path, &body);
    [
        ("chat", stream()),
        (
            "completions",
            asks(
                "/v1/completions",
                json!({"model": "instant", "prompt": "a", "max_tokens": 10, "stream": true}),
            ),
        ),
        ("responses", asks("/v1/responses", json!({"model": "instant", "input": "a", "stream": true}))),
        (
            "messages",
            messages(&json!({"model": "instant", "max_tokens": 10, "stream": true, "messages": prompt})),
        ),
        ("chains", asks("/api/chains/summarize_text/stream", json!({"text": "a"}))),
    ]
}
