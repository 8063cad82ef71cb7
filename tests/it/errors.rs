//! Error responses, in the format of the API that the client uses.

use std::{fmt::Write as _, sync::LazyLock};

use http::{HeaderName, HeaderValue, Method};
use insta::assert_snapshot;
use serde_json::{Value, json};
use weir_wire::Request;

use crate::support::{Api, Program, Raw, Reply, Setup, Weir, chat, get, post, shared};

async fn posted(path: &str, body: &'static str) -> Reply {
    let request = Request::new(Method::POST, path.parse().unwrap()).with_body(body);
    shared().send(&request).await
}

async fn chat_error(body: &'static str) -> String {
    posted("/v1/chat/completions", body).await.status_and_body()
}

/// A server with a body limit of 64 KiB.
fn narrow() -> Api {
    static PROGRAM: LazyLock<Program> =
        LazyLock::new(|| Setup::new().config("[server]\nbody_limit = '64KiB'").start());
    Api::new(PROGRAM.address)
}

#[tokio::test]
async fn invalid_json_returns_its_position() {
    assert_snapshot!(chat_error("{\"model\": \"fast\",\n \"messages\": [}").await, @r#"400 {"error":{"code":null,"message":"We could not parse the JSON body of your request: expected value at line 2 column 15","param":null,"type":"invalid_request_error"}}"#);
    assert_snapshot!(chat_error("").await, @r#"400 {"error":{"code":null,"message":"We could not parse the JSON body of your request: EOF while parsing a value at line 1 column 0","param":null,"type":"invalid_request_error"}}"#);
    assert_snapshot!(chat_error("[]").await, @r#"400 {"error":{"code":"invalid_type","message":"Invalid body: expected an object, but got an array instead.","param":null,"type":"invalid_request_error"}}"#);
    assert_snapshot!(chat_error(r#"{"model": "fast"}"#).await, @r#"400 {"error":{"code":"missing_required_parameter","message":"Missing required parameter: 'messages'.","param":"messages","type":"invalid_request_error"}}"#);
    assert_snapshot!(chat_error(r#"{"messages": [{"role": "user", "content": 5}]}"#).await, @r#"400 {"error":{"code":"invalid_type","message":"Invalid type for 'messages[0].content': expected one of a string or array of objects, but got an integer instead.","param":"messages[0].content","type":"invalid_request_error"}}"#);
    assert_snapshot!(chat_error(r#"{"messages": [{"role": "king", "content": ""}]}"#).await, @r#"400 {"error":{"code":"invalid_value","message":"Invalid value: 'king'. Supported values are: 'system', 'developer', 'user', 'assistant', 'tool', and 'function'.","param":"messages[0].role","type":"invalid_request_error"}}"#);
    assert_snapshot!(chat_error(r#"{"messages": [{"role": "user"}], "max_tokens": -1}"#).await, @r#"400 {"error":{"code":"integer_below_min_value","message":"Invalid 'max_tokens': integer below minimum value. Expected a value >= 0, but got -1 instead.","param":"max_tokens","type":"invalid_request_error"}}"#);
    assert_snapshot!(chat_error(r#"{"messages": [{"role": "user"}]} {}"#).await, @r#"400 {"error":{"code":null,"message":"We could not parse the JSON body of your request: trailing characters at line 1 column 34","param":null,"type":"invalid_request_error"}}"#);
    assert_snapshot!(chat_error(r#"{"messages": []}"#).await, @r#"400 {"error":{"code":"empty_array","message":"Invalid 'messages': empty array. Expected an array with minimum length 1, but got an empty array instead.","param":"messages","type":"invalid_request_error"}}"#);
}

#[tokio::test]
async fn out_of_range_values_return_provider_errors() {
    let with = async |fields: Value| shared().send(&chat("instant", &fields)).await.status_and_body();
    assert_snapshot!(with(json!({"temperature": 5})).await, @r#"400 {"error":{"code":"decimal_above_max_value","message":"Invalid 'temperature': decimal above maximum value. Expected a value <= 2, but got 5 instead.","param":"temperature","type":"invalid_request_error"}}"#);
    assert_snapshot!(with(json!({"n": 0})).await, @r#"400 {"error":{"code":"integer_below_min_value","message":"Invalid 'n': integer below minimum value. Expected a value >= 1, but got 0 instead.","param":"n","type":"invalid_request_error"}}"#);
    assert_snapshot!(with(json!({"stop": ["a", "b", "c", "d", "e"]})).await, @r#"400 {"error":{"code":"array_above_max_length","message":"Invalid 'stop': array too long. Expected an array with maximum length 4, but got an array with length 5 instead.","param":"stop","type":"invalid_request_error"}}"#);
    assert_snapshot!(with(json!({"top_logprobs": 3})).await, @r#"400 {"error":{"code":"invalid_value","message":"The 'top_logprobs' parameter is only allowed when 'logprobs' is enabled.","param":"top_logprobs","type":"invalid_request_error"}}"#);
    assert_snapshot!(with(json!({"tool_choice": "required"})).await, @r#"400 {"error":{"code":null,"message":"Invalid value for 'tool_choice': 'tool_choice' is only allowed when 'tools' are specified.","param":"tool_choice","type":"invalid_request_error"}}"#);
    assert_snapshot!(with(json!({"tools": [{"type": "function", "function": {"name": "a b"}}]})).await, @r#"400 {"error":{"code":"invalid_value","message":"Invalid 'tools[0].function.name': string does not match pattern. Expected a string that matches the pattern '^[a-zA-Z0-9_-]+$'.","param":"tools[0].function.name","type":"invalid_request_error"}}"#);
    assert_snapshot!(with(json!({"response_format": {"type": "json_schema"}})).await, @r#"400 {"error":{"code":"missing_required_parameter","message":"Missing required parameter: 'response_format.json_schema'.","param":"response_format.json_schema","type":"invalid_request_error"}}"#);
}

#[tokio::test]
async fn chain_errors_have_chain_format() {
    assert_snapshot!(posted("/api/chains/test_chain", "{\"text\":").await.status_and_body(), @r#"400 {"error":"the body is not the expected JSON: EOF while parsing a value at line 1 column 8","status":"error"}"#);
    assert_snapshot!(posted("/api/chains/test_chain", "5").await.status_and_body(), @r#"400 {"error":"the body must be a JSON object: invalid type: integer `5`, expected an object at line 1 column 1","status":"error"}"#);
    assert_snapshot!(posted("/api/llm/gpt4", "{}").await.status_and_body(), @r#"400 {"error":"the body is not the expected JSON: missing field `prompt` at line 1 column 2","status":"error"}"#);
    assert_snapshot!(posted("/api/llm/gtp4", "{}").await.status_and_body(), @r#"404 {"error":"the connector 'gtp4' does not exist (did you mean 'gpt4'?); known: claude, gemini, gpt4, llama","known":["claude","gemini","gpt4","llama"],"status":"error"}"#);
}

#[tokio::test]
async fn unknown_model_with_reject_setting_returns_404_with_known_names() {
    let weir = Weir::start(Setup::new().time_scale("0").variable("WEIR_MODELS_UNKNOWN", "reject"));
    let reply = weir.api.send(&chat("gpt-4o-mni", &json!({}))).await;
    assert_snapshot!(reply.status_and_body(), @r#"404 {"error":{"code":"model_not_found","message":"the model 'gpt-4o-mni' does not exist (did you mean 'gpt-4o-mini'?); known: claude-3-5-haiku, claude-3-5-sonnet, claude-3-7-sonnet, claude-haiku-4-5, claude-opus-4-1, claude-opus-4-5, claude-opus-4-6, claude-sonnet-4, claude-sonnet-4-5, claude-sonnet-4-6, codestral, deepseek-chat, deepseek-r1, deepseek-reasoner, deepseek-v3, fast and 125 more","param":"model","type":"invalid_request_error"}}"#);
}

#[tokio::test]
async fn unknown_models_are_served_by_the_profile_of_their_family() {
    let api = shared();
    for (name, root) in [
        ("gpt-9", "gpt-4o-mini"),
        ("claude-opus-9", "claude-3-5-haiku"),
        ("gpt-4o-2024-08-06", "gpt-4o"),
        ("gpt-4o-2031-01-01", "gpt-4o"),
        ("openai/gpt-4.1", "gpt-4.1"),
        ("meta-llama/Llama-3.1-8B-Instruct", "llama-3.1-8b"),
        ("my-model", "gpt-4o-mini"),
    ] {
        let reply = api.send(&chat(name, &json!({"max_tokens": 1}))).await;
        assert_eq!((reply.status, reply.json()["model"].clone()), (200, json!(name)));
        assert_eq!(api.get(&format!("/v1/models/{name}")).await.json()["root"], root);
    }
}

#[tokio::test]
async fn unknown_model_is_logged_once() {
    let mut weir = Weir::start(Setup::new().time_scale("0"));
    for name in ["gpt-9", "gpt-9", "instant", "gpt-4o-2024-08-06", "openai/gpt-4.1", "mine"] {
        assert_eq!(weir.api.send(&chat(name, &json!({"max_tokens": 1}))).await.status, 200);
    }
    weir.program.close_stdin();
    assert_snapshot!(weir.program.stderr(), @r#"
     INFO weir::models: the unknown model "gpt-9" is answered by the profile gpt-4o-mini
     INFO weir::models: the unknown model "mine" is answered by the profile gpt-4o-mini
    "#);
}

#[tokio::test]
async fn request_without_model_is_rejected_but_for_responses() {
    let api = shared();
    let messages = json!({"messages": [{"role": "user", "content": "Hello"}]});
    assert_snapshot!(api.post("/v1/chat/completions", &messages).await.status_and_body(), @r#"400 {"error":{"code":null,"message":"you must provide a model parameter","param":"model","type":"invalid_request_error"}}"#);
    assert_eq!(api.post("/v1/completions", &json!({"prompt": "Hello"})).await.status, 400);
    assert_eq!(api.post("/v1/embeddings", &json!({"input": "Hello"})).await.status, 400);
    let answer = api.post("/v1/responses", &json!({"input": "Hello", "max_output_tokens": 16})).await;
    assert_eq!(answer.json()["model"], "gpt-4o-mini");
}

#[tokio::test]
async fn prompt_exceeding_context_is_rejected() {
    let words = "word ".repeat(40_000);
    let body = json!({"model": "fast", "messages": [{"role": "user", "content": words}]});
    assert_snapshot!(shared().post("/v1/chat/completions", &body).await.status_and_body(), @r#"400 {"error":{"code":"context_length_exceeded","message":"this model's maximum context length is 32768 tokens, but 40008 are in the prompt and 0 were asked for: 7240 too many","param":"messages","type":"invalid_request_error"}}"#);
}

#[tokio::test]
async fn unknown_paths_and_methods_return_json_errors() {
    let api = shared();
    assert_snapshot!(api.get("/v1/chat").await.status_and_body(), @r#"404 {"error":{"code":"unknown_url","message":"unknown path: GET /v1/chat","param":null,"type":"invalid_request_error"}}"#);
    assert_snapshot!(api.get("/nowhere").await.status_and_body(), @r#"404 {"error":{"code":"unknown_url","message":"unknown path: GET /nowhere","param":null,"type":"invalid_request_error"}}"#);
    let wrong = api.get("/v1/completions").await;
    assert_eq!(wrong.header("allow"), Some("POST"));
    assert_snapshot!(wrong.status_and_body(), @r#"405 {"error":{"code":"method_not_allowed","message":"the method GET is not allowed on /v1/completions","param":null,"type":"invalid_request_error"}}"#);
    let wrong = api.post("/health", &json!({})).await;
    assert!(wrong.header("allow").unwrap().split(',').any(|method| method == "GET"));
    assert_snapshot!(wrong.status_and_body(), @r#"405 {"error":"the method POST is not allowed on /health","status":"error"}"#);
    let put = Request::new(Method::PUT, "/api/chains/test_chain/stream".parse().unwrap());
    let wrong = api.send(&put).await;
    assert_eq!((wrong.status, wrong.header("allow")), (405, Some("GET,HEAD,POST")));
    let wrong = api.send(&Request::new(Method::PUT, "/version".parse().unwrap())).await;
    assert!(wrong.header("x-request-id").is_some_and(|id| id.starts_with("req_")));
    assert_snapshot!(wrong.status_and_body(), @r#"405 {"error":{"code":"method_not_allowed","message":"the method PUT is not allowed on /version","param":null,"type":"invalid_request_error"}}"#);
    let metrics = api.get("/metrics").await;
    assert!(metrics.text().contains("endpoint=\"/version\",status=\"405\""), "{}", metrics.text());
}

#[tokio::test]
async fn body_with_excessive_content_length_is_rejected_before_upload() {
    let mut raw = Raw::connect(&narrow()).await.unwrap();
    raw.write(
        b"POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\ncontent-length: 65537\r\nexpect: 100-continue\r\n\r\n",
    )
    .await
    .unwrap();
    raw.end_writing().await;
    let answer = raw.read_to_end().await;
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    assert!(head.starts_with("HTTP/1.1 413 "), "{head}");
    assert_snapshot!(body, @r#"{"error":{"code":"request_too_large","message":"the body is larger than the limit of 65536 bytes","param":null,"type":"invalid_request_error"}}"#);
}

#[tokio::test]
async fn body_exceeding_limit_during_upload_returns_413() {
    const PIECE: usize = 16 << 10;
    const PIECES: usize = 200;
    let api = narrow();
    let mut raw = Raw::connect(&api).await.unwrap();
    raw.write(b"POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n")
        .await
        .unwrap();
    let mut piece = String::new();
    write!(piece, "{PIECE:x}\r\n{}\r\n", " ".repeat(PIECE)).unwrap();
    for _ in 0..PIECES {
        raw.write(piece.as_bytes()).await.unwrap();
    }
    raw.write(b"0\r\n\r\n").await.unwrap();
    raw.end_writing().await;
    let answer = raw.read_to_end().await;
    assert!(answer.starts_with("HTTP/1.1 413 "), "{answer}");
    assert!(answer.ends_with("}"), "{answer}");
}

#[tokio::test]
async fn body_of_limit_size_is_accepted() {
    let api = narrow();
    let start = r#"{"model": "instant", "messages": [{"role": "user", "content": ""#;
    let end = r#""}], "max_tokens": 1}"#;
    let body = |length: usize| format!("{start}{}{end}", "a".repeat(length - start.len() - end.len()));
    let request_with =
        |length| Request::new(Method::POST, "/v1/chat/completions".parse().unwrap()).with_body(body(length));
    assert_eq!(api.send(&request_with(64 << 10)).await.status, 200);
    assert_eq!(api.send(&request_with((64 << 10) + 1)).await.status, 413);
}

fn with_key(request: Request, name: &'static str, value: &str) -> Request {
    request.with_header(HeaderName::from_static(name), HeaderValue::try_from(value).unwrap())
}

#[tokio::test]
async fn unknown_key_with_reject_setting_returns_401() {
    let config = "[admission]\nunknown_keys = 'reject'\n[[key]]\nname = 'a'\nsecret = 'sk-a'";
    let Weir { api, program: _program } = Weir::start(Setup::new().config(config));
    let request_with = || chat("instant", &json!({"max_tokens": 1}));
    assert_snapshot!(api.send(&request_with()).await.status_and_body(), @r#"401 {"error":{"code":"invalid_api_key","message":"no API key was given: expected one in the header Authorization: Bearer KEY, or X-API-Key: KEY","param":null,"type":"invalid_request_error"}}"#);
    let wrong = with_key(request_with(), "authorization", "Bearer sk-b");
    assert_snapshot!(api.send(&wrong).await.status_and_body(), @r#"401 {"error":{"code":"invalid_api_key","message":"the API key that was given is not a known one","param":null,"type":"invalid_request_error"}}"#);
    let chain = with_key(post("/api/chains/test_chain", &json!({})), "x-api-key", "sk-b");
    assert_snapshot!(api.send(&chain).await.status_and_body(), @r#"401 {"error":"the API key that was given is not a known one","status":"error"}"#);
    for (name, value) in [("authorization", "Bearer sk-a"), ("x-api-key", "sk-a")] {
        assert_eq!(api.send(&with_key(request_with(), name, value)).await.status, 200);
    }
    assert_eq!(api.get("/health").await.status, 200);
}

#[tokio::test]
async fn key_exceeding_limit_returns_429_with_retry_after() {
    let config = "[[key]]\nname = 'a'\nsecret = 'sk-a'\nrequests = '2/h'";
    let Weir { api, program: _program } = Weir::start(Setup::new().config(config));
    let request = with_key(chat("instant", &json!({"max_tokens": 1})), "authorization", "Bearer sk-a");
    let mut left = Vec::new();
    for _ in 0..3 {
        let reply = api.send(&request).await;
        assert_eq!(reply.header("x-ratelimit-limit-requests"), Some("2"));
        left.push((reply.status, reply.header("x-ratelimit-remaining-requests").unwrap().to_owned()));
    }
    assert_eq!(left, [(200, "1".to_owned()), (200, "0".to_owned()), (429, "0".to_owned())]);
    let refused = api.send(&request).await;
    // One request is replenished every 30 minutes.
    let seconds: u64 = refused.header("retry-after").unwrap().parse().unwrap();
    assert!((1_700..=1_800).contains(&seconds), "{seconds}");
    let ms: u64 = refused.header("retry-after-ms").unwrap().parse().unwrap();
    assert_eq!(ms.div_ceil(1_000), seconds);
    assert_eq!(refused.header("x-ratelimit-reset-requests"), Some("1h0m0s"));
    let error = &refused.json()["error"];
    assert_eq!((&error["type"], &error["code"]), (&json!("requests"), &json!("rate_limit_exceeded")));
    let limit =
        "Rate limit reached for organization weir on requests per hour (RPH): Limit 2, Used 2, Requested 1.";
    assert!(error["message"].as_str().unwrap().starts_with(limit), "{error}");
    // Other keys have separate limits, and endpoints without keys have none.
    assert_eq!(api.send(&chat("instant", &json!({"max_tokens": 1}))).await.status, 200);
    assert_eq!(api.send(&with_key(get("/v1/models"), "authorization", "Bearer sk-a")).await.status, 200);
}

#[tokio::test]
async fn malformed_http_does_not_affect_other_clients() {
    let Weir { api, program: _program } = Weir::start(Setup::new());
    for broken in [
        "RUBBISH\r\n\r\n",
        "POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\ncontent-length: nine\r\n\r\n",
        "GET /health HTTP/9.9\r\nhost: x\r\n\r\n",
    ] {
        let mut raw = Raw::connect(&api).await.unwrap();
        raw.write(broken.as_bytes()).await.unwrap();
        let answer = raw.read_to_end().await;
        assert!(answer.starts_with("HTTP/1.1 400 "), "{broken:?}: {answer}");
    }
    for unfinished in [
        "POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\n\r\n{\"mod",
        "POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n",
        "GET /hea",
    ] {
        let mut raw = Raw::connect(&api).await.unwrap();
        raw.write(unfinished.as_bytes()).await.unwrap();
        raw.end_writing().await;
        let answer = raw.read_to_end().await;
        assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 400 "), "{unfinished:?}: {answer}");
    }
    api.until_health("requests_in_flight", 0).await;
}

#[tokio::test]
async fn rejected_requests_keep_connection_open() {
    // An error after the whole request was read keeps the connection open.
    let api = shared();
    let mut connection = api.connection();
    for (request, status) in [
        (chat("instant", &json!({"max_tokens": 0})), 400),
        (get("/nowhere"), 404),
        (chat("instant", &json!({"max_tokens": 1})), 200),
        (post("/v1/chat/completions", &Value::Null), 400),
        (get("/health"), 200),
    ] {
        let reply = Reply::read(connection.send(&request).await.unwrap()).await;
        assert_eq!(reply.status, status);
    }
    let last = connection.send(&get("/health")).await.unwrap();
    assert!(last.timestamps().reused);
}
