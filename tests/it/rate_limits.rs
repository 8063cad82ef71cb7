//! Limits of requests and tokens of keys: headers and bodies of each API.

use http::{HeaderName, HeaderValue};
use insta::assert_snapshot;
use serde_json::{Value, json};
use weir_wire::Request;

use crate::support::{Api, Reply, Setup, Weir, chat, post};

/// Windows, so that what is left does not depend on the time that a test takes.
const LIMITS: &str = "[admission]
requests = { amount = '100/h', algorithm = 'fixed_window' }
tokens = { amount = '10k/h', algorithm = 'fixed_window' }";
/// The limits of Anthropic's keys.
const SEPARATE_LIMITS: &str = "[admission]
requests = { amount = '100/h', algorithm = 'fixed_window' }
input_tokens = { amount = '2000/h', algorithm = 'sliding_window' }
output_tokens = { amount = '1000/h', algorithm = 'sliding_window' }";

/// The answer to a request that alone exceeds a limit.
const TOO_LARGE: &str = r#"429 {"error":{"code":"rate_limit_exceeded","message":"Request too large for instant in organization weir on tokens per hour (TPH): Limit 10000, Requested 10001. The input or output tokens must be reduced in order to run successfully.","param":null,"type":"tokens"}}"#;

fn start(config: &str) -> Weir {
    Weir::start(Setup::new().config(config))
}

fn messages(model: &str, fields: &Value) -> Request {
    let mut body =
        json!({"model": model, "max_tokens": 40, "messages": [{"role": "user", "content": "How deep?"}]});
    body.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
    let version = HeaderName::from_static("anthropic-version");
    post("/v1/messages", &body).with_header(version, HeaderValue::from_static("2023-06-01"))
}

fn number(reply: &Reply, name: &str) -> u64 {
    let text = reply.header(name).unwrap_or_else(|| panic!("no {name} in {:?}", reply.headers));
    text.parse().unwrap()
}

fn tokens_left(reply: &Reply) -> u64 {
    number(reply, "x-ratelimit-remaining-tokens")
}

/// The message of a refusal, without the time of its retry.
fn message(reply: &Reply) -> String {
    let message = reply.json()["error"]["message"].as_str().unwrap().to_owned();
    message.split(" Please try again in").next().unwrap().to_owned()
}

#[tokio::test]
async fn openai_answers_have_live_headers_of_requests_and_tokens() {
    let Weir { api, program: _program } = start(LIMITS);
    let first = api.send(&chat("instant", &json!({"max_tokens": 50}))).await;
    assert_eq!(
        (number(&first, "x-ratelimit-limit-requests"), number(&first, "x-ratelimit-remaining-requests")),
        (100, 99)
    );
    // The larger of prompt and longest answer is reserved.
    assert_eq!((number(&first, "x-ratelimit-limit-tokens"), tokens_left(&first)), (10_000, 9_950));
    let reset = first.header("x-ratelimit-reset-tokens").unwrap();
    assert!(reset == "1h0m0s" || reset.starts_with("59m5"), "{reset}");
    let mut used = first.json()["usage"]["total_tokens"].as_u64().unwrap();

    // Streams have them too. What was reserved before has been replaced by what was used.
    let stream = api.send(&chat("instant", &json!({"max_tokens": 30, "stream": true}))).await;
    assert_eq!(number(&stream, "x-ratelimit-remaining-requests"), 98);
    assert_eq!(tokens_left(&stream), 10_000 - used - 30);
    used += first.json()["usage"]["prompt_tokens"].as_u64().unwrap() + 30;
    api.until_health("requests_in_flight", 0).await;

    let completion = json!({"model": "instant", "prompt": "On and on", "max_tokens": 20, "n": 2});
    let completion = api.post("/v1/completions", &completion).await;
    assert_eq!(tokens_left(&completion), 10_000 - used - 40);
    used += completion.json()["usage"]["total_tokens"].as_u64().unwrap();

    let response = json!({"model": "instant", "input": "Well?", "max_output_tokens": 16});
    let response = api.post("/v1/responses", &response).await;
    assert_eq!(tokens_left(&response), 10_000 - used - 16);
    used += response.json()["usage"]["total_tokens"].as_u64().unwrap();

    let embeddings = api.post("/v1/embeddings", &json!({"model": "instant", "input": "a b c d e"})).await;
    used += embeddings.json()["usage"]["total_tokens"].as_u64().unwrap();
    assert_eq!(tokens_left(&embeddings), 10_000 - used);
}

#[tokio::test]
async fn openai_request_over_token_limit_returns_429_of_type_tokens() {
    let Weir { api, program: _program } = start(LIMITS);
    let used = api.send(&chat("instant", &json!({"max_tokens": 3_000}))).await;
    let used = used.json()["usage"]["total_tokens"].as_u64().unwrap();
    let refused = api.send(&chat("instant", &json!({"max_tokens": 9_000}))).await;
    assert_eq!(refused.status, 429);
    let error = &refused.json()["error"];
    assert_eq!((&error["type"], &error["code"]), (&json!("tokens"), &json!("rate_limit_exceeded")));
    let expected =
        "Rate limit reached for instant in organization weir on tokens per hour (TPH): Limit 10000, Used";
    assert_eq!(message(&refused), format!("{expected} {used}, Requested 9000."));
    let seconds = number(&refused, "retry-after");
    assert!((3_590..=3_600).contains(&seconds), "{seconds}");
    assert_eq!(number(&refused, "retry-after-ms").div_ceil(1_000), seconds);
    // Nothing is taken by the refused request but a request.
    assert_eq!(
        (tokens_left(&refused), number(&refused, "x-ratelimit-remaining-requests")),
        (10_000 - used, 98)
    );
    assert_eq!(api.send(&chat("instant", &json!({"max_tokens": 10}))).await.status, 200);
}

#[tokio::test]
async fn openai_request_larger_than_limit_is_too_large_without_retry() {
    let Weir { api, program: _program } = start(LIMITS);
    for stream in [false, true] {
        let refused = api.send(&chat("instant", &json!({"max_tokens": 10_001, "stream": stream}))).await;
        assert_eq!(refused.status_and_body(), TOO_LARGE);
        assert_eq!((refused.header("retry-after"), refused.header("retry-after-ms")), (None, None));
        assert_eq!(tokens_left(&refused), 10_000);
    }
}

#[tokio::test]
async fn anthropic_answers_have_live_headers_of_all_limits() {
    let Weir { api, program: _program } = start(SEPARATE_LIMITS);
    let left = |reply: &Reply| {
        ["requests", "tokens", "input-tokens", "output-tokens"]
            .map(|kind| number(reply, &format!("anthropic-ratelimit-{kind}-remaining")))
    };
    let first = api.send(&messages("instant", &json!({}))).await;
    let input = first.json()["usage"]["input_tokens"].as_u64().unwrap();
    assert_eq!(left(&first), [99, 2_960 - input, 2_000 - input, 960]);
    for kind in ["requests", "tokens", "input-tokens", "output-tokens"] {
        let reset = first.header(&format!("anthropic-ratelimit-{kind}-reset")).unwrap();
        assert!(reset.len() == 20 && reset.ends_with('Z'), "{reset}");
    }
    assert_eq!(number(&first, "anthropic-ratelimit-tokens-limit"), 3_000);
    let stream = api.send(&messages("instant", &json!({"stream": true, "max_tokens": 100}))).await;
    assert_eq!(left(&stream), [98, 2_860 - 2 * input, 2_000 - 2 * input, 860]);
    assert!(stream.headers.keys().all(|name| !name.as_str().starts_with("x-ratelimit")));
}

#[tokio::test]
async fn anthropic_request_over_limit_returns_429_with_whole_seconds() {
    let Weir { api, program: _program } = start(SEPARATE_LIMITS);
    assert_eq!(api.send(&messages("instant", &json!({"max_tokens": 600}))).await.status, 200);
    let refused = api.send(&messages("instant", &json!({"max_tokens": 600}))).await;
    let error = &refused.json()["error"];
    assert_eq!((refused.status, &error["type"]), (429, &json!("rate_limit_error")));
    assert_snapshot!(error["message"].as_str().unwrap(), @"This request would exceed your organization's rate limit of 1000 output tokens per hour. For details, refer to: https://docs.anthropic.com/en/api/rate-limits. You can see the response headers for current usage. Please reduce the prompt length or the maximum tokens requested, or try again later.");
    let seconds = number(&refused, "retry-after");
    assert!((3_590..=3_600).contains(&seconds), "{seconds}");
    assert_eq!(refused.header("retry-after-ms"), None);
    let too_large = api.send(&messages("instant", &json!({"max_tokens": 1_001}))).await;
    assert_eq!((too_large.status, too_large.header("retry-after")), (429, None));
}

/// Checks that an answer of 4 000 tokens, whose client has left, cost those before it left.
async fn assert_generated_some(api: &Api) {
    let next = api.send(&chat("instant", &json!({"max_tokens": 100}))).await;
    let prompt = next.json()["usage"]["prompt_tokens"].as_u64().unwrap();
    let generated = 10_000 - 100 - prompt - tokens_left(&next);
    assert!((1..1_000).contains(&generated), "{generated}");
}

#[tokio::test]
async fn stream_that_the_client_leaves_costs_what_was_generated() {
    let Weir { api, program: _program } = start(LIMITS);
    let mut connection = api.connection();
    let request = chat("steady", &json!({"stream": true, "max_tokens": 4_000}));
    let mut response = connection.send(&request).await.unwrap();
    // The first tokens, which come after 200 ms.
    for _ in 0..3 {
        response.chunk().await.unwrap().unwrap();
    }
    drop(response);
    drop(connection);
    api.until_health("requests_in_flight", 0).await;
    assert_generated_some(&api).await;
}

#[tokio::test]
async fn plain_answer_that_the_client_leaves_costs_what_was_generated() {
    let Weir { api, program: _program } = start(LIMITS);
    let mut connection = api.connection();
    let request = chat("steady", &json!({"max_tokens": 4_000}));
    {
        let mut sending = std::pin::pin!(connection.send(&request));
        let early = api.clock.timeout(std::time::Duration::from_millis(500), sending.as_mut()).await;
        assert!(early.is_err(), "80 seconds are over");
    }
    drop(connection);
    api.until_health("requests_in_flight", 0).await;
    assert_generated_some(&api).await;
}

#[tokio::test]
async fn request_that_is_invalid_costs_no_tokens() {
    let Weir { api, program: _program } = start(LIMITS);
    // The prompt does not fit into the context of the model.
    let invalid = json!({"model": "fast", "max_tokens": 9_000, "messages": [{"role": "user", "content": "x y ".repeat(30_000)}]});
    let limits = "[admission]\ntokens = { amount = '1M/h', algorithm = 'fixed_window' }";
    let wide = start(limits);
    assert_eq!(wide.api.post("/v1/chat/completions", &invalid).await.status, 400);
    let next = wide.api.send(&chat("instant", &json!({"max_tokens": 100}))).await;
    assert_eq!(tokens_left(&next), 999_900);
    assert_eq!(api.send(&chat("instant", &json!({"max_tokens": 0}))).await.status, 400);
    assert_eq!(tokens_left(&api.send(&chat("instant", &json!({"max_tokens": 100}))).await), 9_900);
}

#[tokio::test]
async fn azure_request_costs_its_max_tokens_or_sixteen() {
    let Weir { api, program: _program } = start(LIMITS);
    let path = "/openai/deployments/instant/chat/completions?api-version=2024-10-21";
    let ask = async |body: Value| api.post(path, &body).await;
    let messages =
        json!([{"role": "user", "content": "one two three four five six seven eight ".repeat(20)}]);
    let first = ask(json!({"messages": messages, "max_tokens": 70})).await;
    assert_eq!((first.status, tokens_left(&first)), (200, 9_930));
    let used = first.json()["usage"]["total_tokens"].as_u64().unwrap();
    assert!(used > 200);
    assert_eq!(tokens_left(&ask(json!({"messages": messages})).await), 10_000 - used - 16);
}

async fn run_chain(api: &Api) -> Reply {
    api.post("/api/chains/test_chain", &json!({"text": "Rivers"})).await
}

#[tokio::test]
async fn chain_costs_one_request_and_the_tokens_of_its_steps() {
    let Weir { api, program: _program } = Weir::start(Setup::new().time_scale("0.1").config(LIMITS));
    let run = run_chain(&api).await;
    assert_eq!((run.status, number(&run, "x-ratelimit-remaining-requests")), (200, 99));
    let steps = run.json()["steps"].as_array().unwrap().clone();
    let sum = |name: &str| steps.iter().map(|step| step["usage"][name].as_u64().unwrap()).sum::<u64>();
    let used = sum("prompt_tokens") + sum("completion_tokens");
    assert!(used >= 50 && steps.len() == 2, "{steps:?}");
    let next = api.send(&chat("instant", &json!({"max_tokens": 100}))).await;
    assert_eq!(tokens_left(&next), 10_000 - used - 100);
    let call = api.post("/api/llm/gpt4", &json!({"prompt": "Why?", "max_tokens": 10})).await;
    assert_eq!(call.status, 200);
    let usage = |reply: &Reply| reply.json()["usage"]["total_tokens"].as_u64().unwrap();
    let last = api.send(&chat("instant", &json!({"max_tokens": 100}))).await;
    assert_eq!(tokens_left(&last), 10_000 - used - usage(&next) - usage(&call) - 100);
}

#[tokio::test]
async fn chain_over_token_limit_returns_429() {
    let config = "[admission]\ntokens = { amount = '70/h', algorithm = 'fixed_window' }";
    let Weir { api, program: _program } = Weir::start(Setup::new().time_scale("0.1").config(config));
    let refused = run_chain(&api).await;
    let run = refused.json();
    assert_eq!((refused.status, &run["status"]), (429, &json!("error")), "{run}");
    let error = run["error"].as_str().unwrap();
    assert!(
        error.contains("Rate limit reached for fast in organization weir on tokens per hour (TPH)"),
        "{error}"
    );
    let seconds = number(&refused, "retry-after");
    assert!((3_590..=3_600).contains(&seconds), "{seconds}");
}

#[tokio::test]
async fn metrics_count_requests_and_tokens_by_name_of_key() {
    let config = "[[key]]\nname = 'team-a'\nsecret = 'sk-a'\nrequests = '1/h'";
    let Weir { api, program: _program } = start(config);
    let request = chat("instant", &json!({"max_tokens": 7}));
    let key = HeaderValue::from_static("sk-a");
    let listed = request.clone().with_header(HeaderName::from_static("x-api-key"), key);
    assert_eq!([api.send(&listed).await.status, api.send(&listed).await.status], [200, 429]);
    assert_eq!(api.send(&request).await.status, 200);
    let metrics = api.get("/metrics").await.text().to_owned();
    for line in [
        r#"key_requests_total{key="team-a",outcome="admitted"} 1"#,
        r#"key_requests_total{key="team-a",outcome="requests"} 1"#,
        r#"key_tokens_total{key="team-a",kind="completion"} 7"#,
        r#"key_requests_total{key="(unlisted)",outcome="admitted"} 1"#,
        r#"key_tokens_total{key="(unlisted)",kind="completion"} 7"#,
    ] {
        assert!(metrics.contains(line), "{line}\n{metrics}");
    }
    assert!(!metrics.contains("sk-a"));
}

#[tokio::test]
async fn tiers_give_each_key_counts_of_its_own() {
    let config = "[tier.free]\nrequests = '1/h'\n[admission]\ntier = 'free'
[[key]]\nname = 'a'\nsecret = 'a'\ntier = 'free'\n[[key]]\nname = 'b'\nsecret = 'b'\ntier = 'free'";
    let Weir { api, program: _program } = start(config);
    for key in ["a", "b", "c", "d"] {
        let request = chat("instant", &json!({"max_tokens": 1}))
            .with_header(HeaderName::from_static("x-api-key"), HeaderValue::from_static(key));
        assert_eq!([api.send(&request).await.status, api.send(&request).await.status], [200, 429], "{key}");
    }
}
