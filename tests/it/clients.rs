//! What clients of the providers send: other paths, origins, encodings, and fields that only some servers accept.

use std::io::Write as _;

use flate2::{Compression, write::GzEncoder};
use http::{HeaderName, HeaderValue, Method};
use serde_json::json;
use weir_wire::Request;

use crate::support::{Reply, Setup, Weir, chat, get, post, shared};

fn header(request: Request, name: &'static str, value: &str) -> Request {
    request.with_header(HeaderName::from_static(name), HeaderValue::try_from(value).unwrap())
}

#[tokio::test]
async fn other_paths_of_the_apis_are_served() {
    let api = shared();
    let body = json!({"model": "instant", "messages": [{"role": "user", "content": "Hi"}], "max_tokens": 1});
    for path in [
        "/v1/chat/completions/",
        "//v1/chat/completions",
        "/chat/completions",
        "/openai/v1/chat/completions",
        "/v1/v1/chat/completions",
        "/openai/deployments/instant/chat/completions?api-version=2024-06-01",
    ] {
        let reply = api.post(path, &body).await;
        assert_eq!(reply.status, 200, "{path}: {}", reply.text());
    }
    let deployment = json!({"messages": [{"role": "user", "content": "Hi"}], "max_tokens": 1});
    let path = "/openai/deployments/mine/chat/completions?api-version=2024-06-01";
    let azure = api.send(&header(post(path, &deployment), "api-key", "k")).await;
    assert_eq!((azure.status, &azure.json()["model"]), (200, &json!("mine")));
    for path in ["/ping", "/health/", "/models", "/"] {
        assert_eq!(api.get(path).await.status, 200, "{path}");
    }
    assert_eq!(api.get("/v1/nothing/").await.status, 404);
    let browser = api.send(&header(get("/"), "accept", "text/html,*/*")).await;
    assert_eq!((browser.status, browser.header("location")), (307, Some("/docs")));
}

#[tokio::test]
async fn browser_apps_of_other_origins_use_the_llm_apis_only() {
    let api = shared();
    let preflight = |path: &str| {
        let request = Request::new(Method::OPTIONS, path.parse().unwrap());
        let request = header(request, "origin", "http://localhost:5173");
        let request = header(request, "access-control-request-method", "POST");
        header(request, "access-control-request-headers", "authorization,content-type")
    };
    for path in ["/v1/chat/completions", "/v1/messages", "/tokenize", "/chat/completions"] {
        let reply = api.send(&preflight(path)).await;
        assert_eq!((reply.status, reply.header("access-control-allow-origin")), (204, Some("*")), "{path}");
        assert_eq!(reply.header("access-control-allow-headers"), Some("authorization,content-type"));
    }
    for path in ["/api/agents", "/health"] {
        let reply = api.send(&preflight(path)).await;
        assert_eq!((reply.status, reply.header("access-control-allow-origin")), (405, None), "{path}");
    }
    for fields in [json!({"max_tokens": 1}), json!({"max_tokens": 1, "stream": true}), json!({"n": 0})] {
        let reply = api.send(&header(chat("instant", &fields), "origin", "http://localhost:5173")).await;
        assert_eq!(reply.header("access-control-allow-origin"), Some("*"), "{fields}");
    }
    assert_eq!(
        api.send(&chat("instant", &json!({"n": 0}))).await.header("access-control-allow-origin"),
        None
    );
}

#[tokio::test]
async fn preflight_needs_no_key_and_a_listed_origin() {
    let settings = "[server]\ncors_origins = ['http://a:1']\n[admission]\nunknown_keys = 'reject'";
    let weir = Weir::start(Setup::new().config(settings));
    let ask = |origin: &str| {
        let request = Request::new(Method::OPTIONS, "/v1/chat/completions".parse().unwrap());
        header(header(request, "origin", origin), "access-control-request-method", "POST")
    };
    let listed = weir.api.send(&ask("http://a:1")).await;
    assert_eq!((listed.status, listed.header("access-control-allow-origin")), (204, Some("http://a:1")));
    assert_eq!(weir.api.send(&ask("http://b:1")).await.status, 405);
    let refused = weir.api.send(&header(chat("instant", &json!({})), "origin", "http://a:1")).await;
    assert_eq!((refused.status, refused.header("access-control-allow-origin")), (401, Some("http://a:1")));
    // A wrong method needs a key as the right one does.
    let put = Request::new(Method::PUT, "/v1/chat/completions".parse().unwrap());
    let options = Request::new(Method::OPTIONS, "/v1/chat/completions".parse().unwrap());
    for request in [put, options] {
        assert_eq!(weir.api.send(&request).await.status, 401);
    }
}

#[tokio::test]
async fn compressed_bodies_are_read() {
    let api = shared();
    let body = json!({"model": "instant", "messages": [{"role": "user", "content": "Hi"}], "max_tokens": 1});
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(body.to_string().as_bytes()).unwrap();
    let mut request = header(post("/v1/chat/completions", &body), "content-encoding", "gzip");
    request.body = encoder.finish().unwrap().into();
    assert_eq!(api.send(&request).await.status, 200);
    request.body = body.to_string().into();
    assert_eq!(api.send(&request).await.status, 400);
    let other = header(post("/v1/chat/completions", &body), "content-encoding", "br");
    assert!(api.send(&other).await.text().contains("expected gzip or deflate"));
}

#[tokio::test]
async fn threads_are_refused_with_the_details_that_sdks_know() {
    let request = |thread: &serde_json::Value| {
        let body = json!({"model": "instant", "max_tokens": 9, "messages": [{"role": "user", "content": "Hi"}],
                          "thread": thread, "thinking": {"type": "adaptive"}});
        header(post("/v1/messages?beta=true", &body), "anthropic-version", "2023-06-01")
    };
    for thread in [json!({"type": "create"}), json!({"type": "continue", "previous_message_id": "msg_1"})] {
        let reply = shared().send(&request(&thread)).await;
        let details = json!({"error_code": "thread_unsupported_request", "unsupported": ["thinking"]});
        assert_eq!((reply.status, &reply.json()["error"]["details"]), (400, &details));
    }
    assert_eq!(shared().send(&request(&json!(null))).await.status, 200);
}

#[tokio::test]
async fn strictness_of_the_provider_refuses_what_it_refuses() {
    let strict = Weir::start(Setup::new().time_scale("0").variable("WEIR_SERVER_STRICTNESS", "provider"));
    let status = |reply: Reply| reply.status;
    for (model, fields) in [
        ("instant", json!({"top_k": 1})),
        ("o3-mini", json!({"max_tokens": 5})),
        ("gpt-5", json!({"temperature": 0.2})),
        ("instant", json!({"stream": false, "stream_options": {"include_usage": true}})),
    ] {
        assert_eq!(status(strict.api.send(&chat(model, &fields)).await), 400, "{model} {fields}");
        assert_eq!(status(shared().send(&chat(model, &fields)).await), 200, "{model} {fields}");
    }
    assert_eq!(status(strict.api.send(&chat("gpt-5", &json!({"max_completion_tokens": 5}))).await), 200);
    let unknown = json!({"model": "instant", "input": "Hi", "top_k": 1});
    assert_eq!(status(strict.api.post("/v1/responses", &unknown).await), 400);
    assert_eq!(status(shared().post("/v1/responses", &unknown).await), 200);
}

#[tokio::test]
async fn responses_have_logprobs_plain_and_streamed() {
    let ask = |stream: bool| {
        json!({"model": "instant", "input": "Hi", "max_output_tokens": 16, "stream": stream, "top_logprobs": 2,
               "include": ["message.output_text.logprobs"]})
    };
    let plain = shared().post("/v1/responses", &ask(false)).await.json();
    let part = &plain["output"][0]["content"][0];
    let entries = part["logprobs"].as_array().unwrap();
    let text: String = entries.iter().map(|entry| entry["token"].as_str().unwrap()).collect();
    assert_eq!((entries.len(), text.as_str()), (16, part["text"].as_str().unwrap()));
    assert!(entries.iter().all(|entry| entry["top_logprobs"].as_array().unwrap().len() == 2));
    let streamed = shared().post("/v1/responses", &ask(true)).await;
    let events = crate::support::events(&streamed.body);
    let deltas = events.iter().filter(|event| event["type"] == "response.output_text.delta");
    let deltas: Vec<_> = deltas.flat_map(|event| event["logprobs"].as_array().unwrap().clone()).collect();
    assert_eq!(&deltas, entries);
    let done = events.iter().find(|event| event["type"] == "response.output_text.done").unwrap();
    assert_eq!(done["logprobs"], part["logprobs"]);
    assert_eq!(events.last().unwrap()["response"]["output"][0]["content"][0]["logprobs"], part["logprobs"]);
}

#[tokio::test]
async fn long_prompts_are_cached_in_steps() {
    let weir = Weir::start(Setup::new().time_scale("0"));
    let body = json!({"model": "instant", "max_tokens": 1, "messages": [{"role": "user", "content": "deep ".repeat(1_500)}]});
    let mut cached = Vec::new();
    for _ in 0..2 {
        let usage = weir.api.post("/v1/chat/completions", &body).await.json()["usage"].clone();
        cached.push(usage["prompt_tokens_details"]["cached_tokens"].as_u64().unwrap());
    }
    assert!(cached[0] == 0 && cached[1] >= 1_408 && cached[1] % 128 == 0, "{cached:?}");
    let body = json!({"model": "instant", "input": "wide ".repeat(1_500)});
    weir.api.post("/v1/responses", &body).await;
    let usage = weir.api.post("/v1/responses", &body).await.json()["usage"].clone();
    assert!(usage["input_tokens_details"]["cached_tokens"].as_u64().unwrap() >= 1_408, "{usage}");
}

#[tokio::test]
async fn requests_are_logged_on_request_without_secrets() {
    let mut weir = Weir::start(Setup::new().time_scale("0").flag("--log", "requests"));
    let request = header(chat("gpt-5", &json!({"max_tokens": 3})), "authorization", "Bearer sk-secret");
    assert_eq!(weir.api.send(&request).await.status, 200);
    assert_eq!(weir.api.send(&chat("instant", &json!({"max_tokens": 3, "stream": true}))).await.status, 200);
    assert_eq!(weir.api.get("/nowhere?key=sk-secret").await.status, 404);
    weir.program.close_stdin();
    let written = weir.program.stderr();
    let lines: Vec<&str> = written.lines().filter(|line| line.contains("weir::requests")).collect();
    assert_eq!(lines.len(), 3, "{written}");
    assert!(
        lines[0].contains("POST /v1/chat/completions 200 model=gpt-5 in=") && lines[0].contains(" out=3 "),
        "{written}"
    );
    assert!(lines[1].contains("model=instant") && lines[1].contains(" total="), "{written}");
    assert!(lines[2].contains("GET /nowhere 404 total="), "{written}");
    assert!(!written.contains("secret"), "{written}");
}

#[tokio::test]
async fn variables_of_kubernetes_are_ignored_and_unknown_ones_a_warning() {
    let mut weir = Weir::start(
        Setup::new()
            .variable("WEIR_SERVER_PORT", "tcp://10.0.0.1:8000")
            .variable("WEIR_SERVER_PORT_8000_TCP", "tcp://10.0.0.1:8000")
            .variable("WEIR_CHAINS_PARALEL", "true"),
    );
    assert_eq!(weir.api.get("/health").await.status, 200);
    weir.program.close_stdin();
    insta::assert_snapshot!(weir.program.stderr(), @r#" WARN weir::serve: environment: "WEIR_CHAINS_PARALEL" is not a setting and has no effect (did you mean `WEIR_CHAINS_PARALLEL`?)"#);
}

#[tokio::test]
async fn serve_on_all_addresses_without_keys_warns() {
    let mut weir = Weir::start(Setup::new().flag("--bind", "0.0.0.0"));
    weir.program.close_stdin();
    let written = weir.program.stderr();
    assert!(
        written.contains("reachable from other machines at 0.0.0.0:0 and accepts any API key"),
        "{written}"
    );
}
