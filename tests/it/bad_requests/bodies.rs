//! Invalid bodies, wrong methods and unknown resources.

use http::{Method, header::CONTENT_TYPE};
use weir_wire::Request;

use super::{Shape, conclude};
use crate::support::{Setup, Weir};

/// Every endpoint with a body, the headers of its API, and its error format.
const ENDPOINTS: [(&str, Shape); 8] = [
    ("/v1/chat/completions", Shape::OpenAi),
    ("/v1/completions", Shape::OpenAi),
    ("/v1/responses", Shape::OpenAi),
    ("/v1/embeddings", Shape::OpenAi),
    ("/tokenize", Shape::OpenAi),
    ("/detokenize", Shape::OpenAi),
    ("/v1/messages", Shape::Anthropic),
    ("/v1/messages/count_tokens", Shape::Anthropic),
];

const BODIES: [&[u8]; 10] = [
    b"",
    b"{",
    b"[]",
    b"null",
    b"7",
    b"\"text\"",
    b"{\"model\": }",
    b"{\"model\": \"instant\"} and more",
    b"\xff\xfe",
    b"{\"model\": \"inst\xffant\"}",
];

/// Unknown names, and the status of the error.
const UNKNOWN: [(Method, &str, &str, Shape); 10] = [
    (
        Method::POST,
        "/v1/chat/completions",
        r#"{"model":"no-such-model","messages":[{"role":"user","content":"a"}]}"#,
        Shape::OpenAi,
    ),
    (Method::POST, "/v1/completions", r#"{"model":"no-such-model","prompt":"a"}"#, Shape::OpenAi),
    (Method::POST, "/v1/responses", r#"{"model":"no-such-model","input":"a"}"#, Shape::OpenAi),
    (Method::POST, "/v1/embeddings", r#"{"model":"no-such-model","input":"a"}"#, Shape::OpenAi),
    (
        Method::POST,
        "/v1/messages",
        r#"{"model":"no-such-model","max_tokens":5,"messages":[{"role":"user","content":"a"}]}"#,
        Shape::Anthropic,
    ),
    (Method::GET, "/v1/models/no", "", Shape::OpenAi),
    (Method::DELETE, "/v1/models/no", "", Shape::OpenAi),
    (Method::GET, "/v1/responses/resp_no", "", Shape::OpenAi),
    (Method::GET, "/v1/chat/completions/no", "", Shape::OpenAi),
    (Method::GET, "/v1/nothing", "", Shape::OpenAi),
];

pub(super) const COUNT: usize = ENDPOINTS.len() * BODIES.len() + UNKNOWN.len() + ENDPOINTS.len();

fn request(method: Method, path: &str, shape: Shape, body: &[u8]) -> Request {
    let mut request = Request::new(method, path.parse().unwrap());
    request.headers.insert(CONTENT_TYPE, "application/json".parse().unwrap());
    if matches!(shape, Shape::Anthropic) {
        request.headers.insert("anthropic-version", "2023-06-01".parse().unwrap());
    }
    request.body = body.to_vec().into();
    request
}

#[tokio::test]
async fn bodies_without_valid_request_are_rejected() {
    let weir = Weir::start(Setup::new());
    let mut failures = Vec::new();
    for (path, shape) in ENDPOINTS {
        for body in BODIES {
            let reply = weir.api.send(&request(Method::POST, path, shape, body)).await;
            if let Err(why) = shape.check(&reply, 400, None) {
                failures.push(format!("{path} {}: {why}", String::from_utf8_lossy(body)));
            }
        }
    }
    conclude(&weir.api, &failures).await;
}

#[tokio::test]
async fn unknown_resources_return_404() {
    let weir = Weir::start(Setup::new().variable("WEIR_MODELS_UNKNOWN", "reject"));
    let mut failures = Vec::new();
    for (method, path, body, shape) in UNKNOWN {
        let reply = weir.api.send(&request(method, path, shape, body.as_bytes())).await;
        if let Err(why) = shape.check(&reply, 404, None) {
            failures.push(format!("{path} {body}: {why}"));
        }
    }
    conclude(&weir.api, &failures).await;
}

#[tokio::test]
async fn wrong_method_returns_405_with_allowed_methods() {
    let weir = Weir::start(Setup::new());
    let mut failures = Vec::new();
    for (path, shape) in ENDPOINTS {
        let reply = weir.api.send(&request(Method::PUT, path, shape, b"{}")).await;
        if let Err(why) = shape.check(&reply, 405, None) {
            failures.push(format!("{path}: {why}"));
        }
        let allowed = reply.header("allow").unwrap_or_default();
        if !allowed.contains("POST") {
            failures.push(format!("{path} allows {allowed:?}"));
        }
    }
    conclude(&weir.api, &failures).await;
}
