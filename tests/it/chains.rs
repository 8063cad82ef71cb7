//! The chain-execution backend: chains and connectors, plain and streamed.

use http::{HeaderName, HeaderValue};
use serde_json::{Value, json};
use weir_wire::Request;

use crate::support::{Reply, Setup, Weir, get, post, shared};

fn in_order(order: &str, path: &str) -> Request {
    post(path, &json!({"text": "The weir was built in 1840."}))
        .with_header(HeaderName::from_static("x-enable-parallel"), HeaderValue::try_from(order).unwrap())
}

fn elapsed_ms(reply: &Reply) -> f64 {
    assert_eq!(reply.status, 200, "{}", reply.text());
    reply.json()["metadata"]["elapsed_ms"].as_f64().unwrap()
}

fn names<'a>(steps: &'a Value, key: &str) -> Vec<&'a str> {
    steps.as_array().unwrap().iter().map(|step| step[key].as_str().unwrap()).collect()
}

#[tokio::test]
async fn chain_run_returns_result_and_steps() {
    let reply = shared().post("/api/chains/test_chain", &json!({"text": "rivers"})).await;
    assert_eq!(reply.status, 200);
    let run = reply.json();
    assert_eq!((&run["status"], &run["chain"]), (&json!("ok"), &json!("test_chain")));
    assert!(run.get("error").is_none());
    assert_eq!(names(&run["steps"], "name"), ["think", "answer"]);
    assert_eq!(names(&run["steps"], "status"), ["completed", "completed"]);
    assert_eq!(run["result"], run["steps"][1]["output"]);
    assert_eq!(run["steps"][1]["needs"], json!(["think"]));
    assert!(run["steps"][0]["usage"]["completion_tokens"].as_u64().unwrap() <= 20);
    let metadata = &run["metadata"];
    assert_eq!(metadata["parallel"], false);
    let figure = |name: &str| metadata[name].as_f64().unwrap();
    assert!(figure("elapsed_ms") >= figure("critical_path_ms"));
    // Its steps are sequential: there is no speedup.
    assert!((figure("ideal_speedup") - 1.0).abs() < 0.01);
    assert!(reply.server_timing_ms("delivered_total").unwrap() >= figure("elapsed_ms"));
}

#[tokio::test]
async fn reference_chains_are_all_served() {
    let api = Weir::start(Setup::new().time_scale("0"));
    for (chain, steps) in [
        ("summarize_text", 2),
        ("analyze_sentiment", 2),
        ("generate_questions", 2),
        ("extract_entities", 2),
        ("translate_text", 2),
        ("test_chain", 2),
        ("parallel_processing", 4),
        ("customer_feedback_analysis", 4),
        ("multi_model_consensus", 4),
        ("rag_parallel_retrieval", 4),
    ] {
        for input in [json!({"text": "x"}), json!({"inputs": [{"text": "x"}, {"text": "y"}]}), json!({})] {
            let reply = api.api.post(&format!("/api/chains/{chain}"), &input).await;
            assert_eq!(reply.status, 200, "{chain} {input}: {}", reply.text());
            assert_eq!(reply.json()["steps"].as_array().unwrap().len(), steps, "{chain}");
        }
    }
}

#[tokio::test]
async fn header_enable_parallel_runs_steps_in_parallel() {
    let api = shared();
    let path = "/api/chains/parallel_processing";
    let mut ratios = Vec::new();
    for _ in 0..3 {
        let sequential = api.send(&in_order("false", path)).await;
        let parallel = api.send(&in_order("True", path)).await;
        assert_eq!(sequential.json()["metadata"]["parallel"], false);
        assert_eq!(parallel.json()["metadata"]["parallel"], true);
        ratios.push(elapsed_ms(&sequential) / elapsed_ms(&parallel));
        // Three steps of 80 ms and one of 5 ms: 245 ms sequentially, 85 ms in parallel.
        let ideal = parallel.json()["metadata"]["ideal_speedup"].as_f64().unwrap();
        assert!((2.0..3.2).contains(&ideal), "{ideal}");
    }
    ratios.sort_by(f64::total_cmp);
    assert!(ratios[1] > 1.8, "sequential / parallel: {ratios:?}");
}

#[tokio::test]
async fn header_enable_parallel_invalid_value_is_rejected() {
    let refused = shared().send(&in_order("maybe", "/api/chains/test_chain")).await;
    insta::assert_snapshot!(refused.status_and_body(), @r#"400 {"error":"X-Enable-Parallel: \"maybe\" is neither true nor false","status":"error"}"#);
}

#[tokio::test]
async fn unknown_chain_returns_404_with_known_names() {
    let refused = shared().post("/api/chains/test_chian", &json!({})).await;
    insta::assert_snapshot!(refused.status_and_body(), @r#"404 {"error":"the chain 'test_chian' does not exist (did you mean 'test_chain'?); known: analyze_sentiment, ask_a_service, bugfix, code_review, customer_feedback_analysis, each_of_a_list, extract_entities, feature_development, first_answer_wins, generate_questions, multi_model_consensus, parallel_processing, pick_a_path, rag_parallel_retrieval, summarize_text, test_chain, three_at_once, translate_text, two_steps, when_things_fail, within_another","known":["analyze_sentiment","ask_a_service","bugfix","code_review","customer_feedback_analysis","each_of_a_list","extract_entities","feature_development","first_answer_wins","generate_questions","multi_model_consensus","parallel_processing","pick_a_path","rag_parallel_retrieval","summarize_text","test_chain","three_at_once","translate_text","two_steps","when_things_fail","within_another"],"status":"error"}"#);
    let refused = shared().get("/api/chains/nothing-alike/stream").await;
    assert_eq!((refused.status, refused.json()["known"].as_array().unwrap().len()), (404, 21));
}

/// The event types of a run, without tokens.
fn course(events: &[Value]) -> Vec<String> {
    let events_seen = events.iter().filter(|event| event["type"] != "token");
    events_seen
        .map(|event| [&event["type"], &event["step"]].map(|word| word.as_str().unwrap_or_default()).join(" "))
        .collect()
}

#[tokio::test]
async fn chain_stream_sends_step_and_token_events() {
    let api = shared();
    let posted = api.post("/api/chains/test_chain/stream", &json!({"text": "rivers"})).await.events();
    let fetched = api.get("/api/chains/test_chain/stream?text=rivers").await.events();
    let order = [
        "step_started think",
        "step_finished think",
        "step_started answer",
        "step_finished answer",
        "run_finished ",
    ];
    for events in [&posted, &fetched] {
        assert_eq!(course(events), order);
        let tokens = events.iter().filter(|event| event["type"] == "token");
        let text: String = tokens.map(|event| event["token"].as_str().unwrap()).collect();
        let run = events.last().unwrap();
        // Only the tokens of the last step are sent; together they are the result.
        assert_eq!((&run["status"], &run["result"]), (&json!("ok"), &json!(text)));
        assert!(!text.is_empty());
        let finished = events.iter().rposition(|event| event["type"] == "step_finished").unwrap();
        assert!(events.iter().rposition(|event| event["type"] == "token").unwrap() < finished);
    }
    // The same input returns the same text with GET and POST.
    assert_eq!(posted.last().unwrap()["result"], fetched.last().unwrap()["result"]);
}

#[tokio::test]
async fn chain_stream_parallel_starts_all_steps_before_one_ends() {
    let events = shared().send(&in_order("true", "/api/chains/parallel_processing/stream")).await.events();
    let course = course(&events);
    assert!(course[..3].iter().all(|event| event.starts_with("step_started")), "{course:?}");
    assert_eq!(course[6..], ["step_started join", "step_finished join", "run_finished "]);
}

#[tokio::test]
async fn chain_stream_with_te_trailers_sends_server_timing() {
    let request = in_order("true", "/api/chains/test_chain/stream").accept_trailers();
    let Weir { api, program: _program } = Weir::start(Setup::new().time_scale("1"));
    let reply = api.send(&request).await;
    assert!(
        reply.server_timing_ms("delivered_ttft").unwrap()
            < reply.server_timing_ms("delivered_total").unwrap()
    );
}

/// A short step, then one that takes longer than any test waits.
const SLOW: &str = "[chain.slow.step.quick]
tool = { takes = '1ms', gives = 'done' }
[chain.slow.step.endless]
needs = ['quick']
tool = { takes = '1h' }";

#[tokio::test]
async fn chain_run_timeout_returns_completed_steps() {
    let setup = Setup::new().chains(SLOW).variable("CHAIN_TIMEOUT_SECONDS", "0.3");
    let Weir { api, program: _program } = Weir::start(setup);
    let reply = api.post("/api/chains/slow", &json!({})).await;
    assert_eq!(reply.status, 504);
    let run = reply.json();
    assert_eq!((&run["status"], &run["result"]), (&json!("timeout"), &Value::Null));
    assert_eq!(run["error"], "Chain 'slow' execution timed out after 0.3 seconds");
    assert_eq!(names(&run["steps"], "name"), ["quick"]);
    assert_eq!(names(&run["steps"], "status"), ["completed"], "those that had ended by then");
    assert_eq!(run["steps"][0]["output"], "done");
    assert!(run["steps"][1].get("output").is_none());
    assert_eq!(run["metadata"]["timeout_seconds"], 0.3);
    assert!(run["metadata"]["elapsed_ms"].as_f64().unwrap() >= 300.0);

    let events = api.get("/api/chains/slow/stream").await.events();
    assert_eq!(
        course(&events),
        [
            "step_started quick",
            "step_finished quick",
            "step_started endless",
            "step_finished endless",
            "run_finished ",
            "timeout "
        ]
    );
    assert_eq!(events.last().unwrap()["error"], run["error"]);
}

#[tokio::test]
async fn client_disconnect_cancels_chain_run() {
    let Weir { api, program: _program } = Weir::start(Setup::new().chains(SLOW));
    let mut connection = api.connection();
    let mut response = connection.send(&get("/api/chains/slow/stream")).await.unwrap();
    response.chunk().await.unwrap().unwrap();
    assert_eq!(api.health("requests_in_flight").await, 1);
    drop(response);
    api.until_health("requests_in_flight", 0).await;
}

#[tokio::test]
async fn connectors_respond_plain_and_streamed() {
    let api = shared();
    let ask = json!({"prompt": "What is a weir?", "temperature": 0.7, "max_tokens": 8});
    for connector in ["gpt4", "claude", "gemini", "llama"] {
        let reply = api.post(&format!("/api/llm/{connector}"), &ask).await;
        let answer = reply.json();
        assert_eq!((&answer["status"], &answer["connector"]), (&json!("ok"), &json!(connector)));
        let usage = |name: &str| answer["usage"][name].as_u64().unwrap();
        assert!(usage("completion_tokens") <= 8);
        assert_eq!(usage("total_tokens"), usage("prompt_tokens") + usage("completion_tokens"));
        assert!(
            answer["metadata"]["elapsed_ms"].as_f64().unwrap()
                >= reply.server_timing_ms("planned_total").unwrap() - 0.1
        );

        let streamed = api.post(&format!("/api/llm/{connector}/stream"), &ask).await.events();
        let (done, tokens) = streamed.split_last().unwrap();
        let text: String = tokens.iter().map(|event| event["token"].as_str().unwrap()).collect();
        assert_eq!((&done["type"], &done["usage"]), (&json!("done"), &answer["usage"]));
        assert_eq!(answer["text"], text);
    }
}

/// Uses `when`, `foreach`, `retry`, `fallback` and a nested chain.
const FULL: &str = "
    [chain.full]
    result = '{{ join }}'
    [chain.full.step.each]
    foreach = 'input.items'
    tool    = { takes = '20ms', gives = '{{ item }}!' }
    [chain.full.step.long]
    when = 'input.items | length > 5'
    tool = { takes = '1s' }
    [chain.full.step.flaky]
    tool     = { takes = '5ms', fails = 1 }
    retry    = { times = 1, backoff = '5ms' }
    fallback = 'spare'
    [chain.full.step.spare]
    chain = { name = 'inner', input = { word = 'spare' } }
    [chain.full.step.join]
    needs = ['each', 'long', 'flaky']
    tool  = { takes = '5ms', gives = '{{ each.items | join(\"\") }}{{ long }}{{ flaky }}' }
    [chain.inner.step.only]
    tool = { takes = '5ms', gives = '<{{ input.word }}>' }
";

#[tokio::test]
async fn chain_features_skip_foreach_retry_fallback_and_nesting_work() {
    let weir = Weir::start(Setup::new().chains(FULL));
    let api = &weir.api;
    let body = json!({"items": ["a", "b"]});
    let path = "/api/chains/full";
    let request = post(path, &body)
        .with_header(HeaderName::from_static("x-enable-parallel"), HeaderValue::from_static("true"));
    let run = api.send(&request).await.json();
    assert_eq!((&run["status"], &run["result"]), (&json!("ok"), &json!("a!b!<spare>")), "{run}");
    assert_eq!(names(&run["steps"], "name"), ["each", "long", "flaky", "spare", "join"]);
    let statuses = ["completed", "skipped", "failed", "completed", "completed"];
    assert_eq!(names(&run["steps"], "status"), statuses);
    let attempts: Vec<&Value> =
        run["steps"].as_array().unwrap().iter().map(|step| &step["attempts"]).collect();
    assert_eq!(attempts, [1, 0, 2, 1, 1]);
    let each = &run["steps"][0];
    let figure = |name: &str| each[name].as_f64().unwrap();
    assert!(figure("busy_ms") >= figure("longest_ms") + 19.0, "both entries count: {each}");

    let events_seen = api.post(&format!("{path}/stream"), &body).await.events();
    assert!(
        events_seen.iter().any(|event| event["type"] == "step_retried" && event["step"] == "flaky"),
        "{events_seen:?}"
    );

    let refused = api.post(path, &json!({"items": "a"})).await;
    assert_eq!(refused.status, 400, "{}", refused.text());
    assert_eq!(
        refused.json()["error"],
        "step `each` failed: `foreach` evaluated to a string; expected a list"
    );
}

#[tokio::test]
async fn tutorial_chains_all_complete() {
    let weir = Weir::start(Setup::new().time_scale("0"));
    for chain in [
        "two_steps",
        "three_at_once",
        "pick_a_path",
        "each_of_a_list",
        "when_things_fail",
        "first_answer_wins",
        "within_another",
    ] {
        let reply = weir.api.post(&format!("/api/chains/{chain}"), &json!({"text": "x"})).await;
        assert_eq!(reply.status, 200, "{chain}: {}", reply.text());
        assert!(!reply.json()["result"].as_str().unwrap().is_empty(), "{chain}");
    }
    let refused = weir.api.post("/api/chains/ask_a_service", &json!({})).await;
    assert!(refused.text().contains("calls to http://127.0.0.1:9000 are not allowed"), "{}", refused.text());
}

#[tokio::test]
async fn blocking_workers_serve_one_request_each() {
    let weir = Weir::start(Setup::new().variable("WEIR_SERVER_WORKERS", "1"));
    let path = "/api/llm/gpt4";
    // Each takes most of a second, so that both overlap even on a busy machine.
    let body = json!({"prompt": "x", "max_tokens": 200});
    let (one, two) = tokio::join!(weir.api.post(path, &body), weir.api.post(path, &body));
    let queue = |reply: &Reply| reply.server_timing_ms("queue").unwrap();
    let longest = queue(&one).max(queue(&two));
    assert!(longest > 100.0, "who came second waited for the other, not {longest} ms");
}

#[tokio::test]
async fn bad_input_of_a_chain_is_a_client_error() {
    let weir = Weir::start(Setup::new().time_scale("0"));
    for (chain, input, expected, reason) in [
        ("two_steps", json!({"text": "x".repeat((16 << 20) + 1)}), 400, "longer than"),
        ("each_of_a_list", json!({"texts": vec![1; 200_000]}), 400, "at most 200 are allowed"),
        ("each_of_a_list", json!({"texts": 5}), 400, "expected a list"),
        ("ask_a_service", json!({"url": "http://elsewhere.example/"}), 403, "not allowed"),
        ("ask_a_service", json!({"url": "::"}), 400, "invalid request"),
    ] {
        let reply = weir.api.post(&format!("/api/chains/{chain}"), &input).await;
        let text: String = reply.text().chars().take(2_000).collect();
        assert_eq!(reply.status, expected, "{chain}: {text}");
        assert!(reply.json()["error"].as_str().unwrap().contains(reason), "{chain}: {text}");
    }
}

#[tokio::test]
async fn unknown_model_of_a_step_follows_the_rule_of_requests() {
    let chains = "[chain.ask.step.only]\nllm = { model = 'gpt-99', prompt = 'Hello' }\n";
    let weir = Weir::start(Setup::new().chains(chains).time_scale("0"));
    let reply = weir.api.post("/api/chains/ask", &json!({})).await;
    assert_eq!(reply.status, 200, "{}", reply.text());
    let strict = Setup::new().chains(chains).config("[models]\nunknown = 'reject'\n");
    let reply = Weir::start(strict).api.post("/api/chains/ask", &json!({})).await;
    assert_eq!(reply.status, 500, "{}", reply.text());
}
