//! An answer of each API over real sockets, and what it costs.

use super::*;

const GAP: Duration = Duration::from_millis(10);

/// A request of some kind, the path that it goes to, and the events of its answer.
struct Case {
    request: &'static str,
    path: &'static str,
    events: &'static [&'static str],
    /// Tokens of input and output, events with content.
    counts: (u64, u64, u64),
}

const CASES: [Case; 6] = [
    Case {
        request: r#"kind = "openai.chat", model = "m", prompt = "p", stream = true"#,
        path: "/v1/chat/completions",
        events: &[
            r#"{"choices":[{"delta":{"role":"assistant","content":""}}]}"#,
            CONTENT,
            CONTENT,
            r#"{"choices":[],"usage":{"prompt_tokens":5,"completion_tokens":4}}"#,
            "[DONE]",
        ],
        counts: (5, 4, 2),
    },
    Case {
        request: r#"kind = "openai.completions", model = "m", prompt = "p", stream = true"#,
        path: "/v1/completions",
        events: &[
            r#"{"choices":[{"text":"a","index":0}]}"#,
            r#"{"choices":[{"text":"b","index":0}],"usage":{"prompt_tokens":5,"completion_tokens":4}}"#,
            "[DONE]",
        ],
        counts: (5, 4, 2),
    },
    Case {
        request: r#"kind = "openai.responses", model = "m", prompt = "p", stream = true"#,
        path: "/v1/responses",
        events: &[
            r#"{"type":"response.created","response":{"output":[],"usage":null}}"#,
            r#"{"type":"response.output_text.delta","delta":"a"}"#,
            r#"{"type":"response.output_text.delta","delta":"b"}"#,
            r#"{"type":"response.completed","response":{"output":[],"usage":{"input_tokens":5,"output_tokens":4}}}"#,
        ],
        counts: (5, 4, 2),
    },
    Case {
        request: r#"kind = "anthropic.messages", model = "m", prompt = "p", max_tokens = 9, stream = true"#,
        path: "/v1/messages",
        events: &[
            r#"{"type":"message_start","message":{"usage":{"input_tokens":5,"output_tokens":1}}}"#,
            r#"{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"a"}}"#,
            r#"{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"b"}}"#,
            r#"{"type":"message_delta","delta":{"stop_reason":"end_turn"},"usage":{"output_tokens":4}}"#,
            r#"{"type":"message_stop"}"#,
        ],
        counts: (5, 4, 2),
    },
    Case {
        request: r#"kind = "chain_stream", chain = "c""#,
        path: "/api/chains/c/stream",
        events: &[r#"{"type":"step_started"}"#, r#"{"type":"token"}"#, r#"{"type":"token"}"#, "[DONE]"],
        counts: (0, 2, 2),
    },
    Case {
        request: r#"kind = "http", path = "/any", events = "any", content = "/x""#,
        path: "/any",
        events: &["hello", r#"{"x":"a"}"#, r#"{"x":"b"}"#],
        counts: (0, 2, 2),
    },
];

#[test]
fn the_stream_of_each_api_is_timed_by_its_tokens() {
    for case in &CASES {
        let mut steps = stream(GAP, case.events);
        steps.push(end(""));
        let server = Server::always(steps);
        let summary =
            summary(&server, "users = 1\nrequests = 2", &format!("request = {{ {} }}", case.request));
        let all = &summary.all;
        assert_eq!((all.completed, all.failed), (2, 0), "{}: {:?}", case.path, all.failures);
        let (input, output, events) = case.counts;
        let counts = (all.input_tokens, all.output_tokens, all.events);
        assert_eq!(counts, (2 * input, 2 * output, 2 * events), "{}", case.path);
        assert_eq!((all.ttft.count(), all.tpot.count(), all.itl.count()), (2, 2, 2), "{}", case.path);
        // All but the last case have an event before the first that counts.
        assert!(all.ttft.min() >= Some(GAP * 9 / 10), "{}: {:?}", case.path, all.ttft.min());
        let seen = server.seen();
        assert!(seen[0].line.contains(case.path), "{}", seen[0].line);
        let key = if case.path == "/v1/messages" {
            "x-api-key: sk-secret"
        } else {
            "authorization: Bearer sk-secret"
        };
        assert!(seen[0].headers.iter().any(|header| header == key), "{:?}", seen[0].headers);
        assert_eq!(seen[0].headers.iter().filter(|header| header.contains("sk-secret")).count(), 1);
    }
}

#[test]
fn a_stream_of_each_api_that_lacks_its_end_is_truncated() {
    for case in CASES.iter().filter(|case| case.path != "/any") {
        let mut steps = stream(Duration::ZERO, &case.events[..case.events.len() - 1]);
        steps.push(end(""));
        let task = format!("request = {{ {} }}", case.request);
        let summary = summary(&Server::always(steps), "users = 1\nrequests = 1", &task);
        assert_eq!(only_failure(&summary.all).0, "truncated", "{}", case.path);
    }
}

/// Tasks with a plain chat each, of these models.
fn chats(server: &Server, head: &str, models: &[&str]) -> Scenario {
    let task = |model: &&str| {
        format!(
            "[[user.u.task]]\nname = \"{model}\"\nrequest = {{ kind = \"openai.chat\", model = \"{model}\", prompt = \"p\" }}\n"
        )
    };
    let tasks: String = models.iter().map(task).collect();
    let text = format!("url = \"{}\"\n[load]\nusers = 1\nrequests = 40\n{head}\n{tasks}", server.url());
    Scenario::parse("test", "test", &text, &|_| None).unwrap()
}

#[test]
fn tokens_cost_what_their_models_do() {
    let server =
        Server::always(ok(r#"{"choices":[{}],"usage":{"prompt_tokens":1000,"completion_tokens":500}}"#));
    let price = "[price.\"a*\"]\ninput_per_million = 2\noutput_per_million = 10\n";
    let scenario = chats(&server, price, &["a-1", "b-1", "c-1"])
        .with_prices([("b-1".to_owned(), ModelPrice { input_per_million: 1.0, output_per_million: 1.0 })]);
    let summary = run(&scenario, options(1), &Control::new(), |_| ()).unwrap();
    let cost = |task: usize| summary.tasks[task].figures.cost_usd;
    let each = |task: usize| summary.tasks[task].figures.completed as f64;
    let near = |found: Option<f64>, expected: f64| found.is_some_and(|found| (found - expected).abs() < 1e-9);
    assert!(near(cost(0), 0.007 * each(0)) && near(cost(1), 0.0015 * each(1)), "{:?} {:?}", cost(0), cost(1));
    assert_eq!(cost(2), None);
    assert!(near(summary.all.cost_usd, 0.007 * each(0) + 0.0015 * each(1)));
    assert_eq!(summary.classes[0].figures.cost_usd, summary.all.cost_usd);
    assert_eq!(summary.notes, ["the cost leaves out `c-1`, for which there is no price"]);
}

#[test]
fn a_cost_that_cannot_be_known_is_told() {
    let server = Server::always(ok(r#"{"choices":[{}],"usage":{"completion_tokens":500}}"#));
    let price = "[price.a]\ninput_per_million = 2\noutput_per_million = 10\n";
    let summary = run(&chats(&server, price, &["a"]), options(1), &Control::new(), |_| ()).unwrap();
    insta::assert_snapshot!(summary.notes.join("\n"), @"the cost of `a` is too low: 40 of its 40 answers did not say how many input tokens they are for");
    let summary = run(&chats(&server, "", &["a"]), options(1), &Control::new(), |_| ()).unwrap();
    assert_eq!((summary.all.cost_usd, summary.notes.len()), (None, 0), "nobody asked for a cost");
}
