//! Conversations of several turns over real sockets.

use serde_json::{Value, json};

use super::*;

const TURNS: &str = "turns = 3\nrequest = { kind = \"openai.chat\", model = \"m\", system = \"s\", prompt = \"question {{ turn }}\" }";

/// Answers each chat with how many messages it has had.
fn counting() -> Server {
    Server::start(|seen: &Seen| {
        let body: Value = serde_json::from_str(&seen.body).unwrap();
        let said = format!("after {}", body["messages"].as_array().unwrap().len());
        ok(&json!({ "choices": [{ "message": { "content": said } }] }).to_string())
    })
}

/// The messages of each request, each as `role: text`.
fn messages(server: &Server, member: &str) -> Vec<String> {
    let seen = server.seen();
    let bodies = seen.iter().map(|seen| serde_json::from_str::<Value>(&seen.body).unwrap());
    let line = |message: &Value| {
        format!("{}: {}", message["role"].as_str().unwrap(), message["content"].as_str().unwrap())
    };
    bodies
        .map(|body| body[member].as_array().unwrap().iter().map(line).collect::<Vec<_>>().join(" | "))
        .collect()
}

#[test]
fn each_turn_carries_what_was_said_before() {
    let server = counting();
    let summary = summary(&server, "users = 1\nrequests = 4", TURNS);
    assert_eq!((summary.all.completed, summary.all.failed), (4, 0), "{:?}", summary.all.failures);
    insta::assert_snapshot!(messages(&server, "messages").join("\n"), @r"
    system: s | user: question 1
    system: s | user: question 1 | assistant: after 2 | user: question 2
    system: s | user: question 1 | assistant: after 2 | user: question 2 | assistant: after 4 | user: question 3
    system: s | user: question 1
    ");
}

#[test]
fn streams_are_carried_on_too() {
    let anthropic = [
        r#"{"type":"content_block_delta","delta":{"type":"thinking_delta","thinking":"hm"}}"#,
        r#"{"type":"content_block_delta","delta":{"type":"text_delta","text":"A"}}"#,
        r#"{"type":"content_block_delta","delta":{"type":"text_delta","text":"B"}}"#,
        r#"{"type":"message_stop"}"#,
    ];
    let responses = [
        r#"{"type":"response.output_text.delta","delta":"A"}"#,
        r#"{"type":"response.output_text.delta","delta":"B"}"#,
        r#"{"type":"response.completed","response":{"output":[]}}"#,
    ];
    let chat = [CONTENT, CONTENT, "[DONE]"];
    for (kind, member, events, said) in [
        ("anthropic.messages", "messages", &anthropic[..], "AB"),
        ("openai.responses", "input", &responses[..], "AB"),
        ("openai.chat", "messages", &chat[..], "xx"),
    ] {
        let mut steps = stream(Duration::ZERO, events);
        steps.push(end(""));
        let server = Server::always(steps);
        let task = format!(
            "turns = 2\nrequest = {{ kind = \"{kind}\", model = \"m\", prompt = \"q{{{{ turn }}}}\", max_tokens = 9, stream = true }}"
        );
        let summary = summary(&server, "users = 1\nrequests = 2", &task);
        assert_eq!(summary.all.completed, 2, "{kind}: {:?}", summary.all.failures);
        let expected = format!("user: q1 | assistant: {said} | user: q2");
        assert_eq!(messages(&server, member)[1], expected, "{kind}");
    }
}

#[test]
fn a_turn_that_fails_ends_its_conversation() {
    let nth = std::sync::atomic::AtomicUsize::new(0);
    let server = Server::start(move |_: &Seen| {
        let nth = nth.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        if nth == 1 { answer("500 Oops", "application/json", "{}") } else { ok(r#"{"choices":[{}]}"#) }
    });
    let summary = summary(&server, "users = 1\nrequests = 3", TURNS);
    assert_eq!((summary.all.completed, summary.all.failed), (2, 1));
    let last = messages(&server, "messages").pop();
    assert_eq!(last.as_deref(), Some("system: s | user: question 1"), "the next conversation begins");
}

#[test]
fn the_turns_of_an_arrival_follow_by_themselves() {
    let server = counting();
    let task = format!("pause = \"300ms\"\n{TURNS}");
    let summary = summary(&server, "rate = \"10/s\"\nrun_time = \"1s\"", &task);
    let arrivals = summary.generator.arrivals.unwrap();
    assert!(arrivals.planned <= 10, "a turn is no arrival: {arrivals:?}");
    assert!(summary.all.completed > arrivals.started, "{} of {arrivals:?}", summary.all.completed);
    assert_eq!((summary.all.failed, summary.window.unfinished), (0, 0));
    let median = summary.all.response_time.quantile(0.5).unwrap();
    assert!(median < Duration::from_millis(300), "a turn counts from its own instant: {median:?}");
}

#[test]
fn what_a_long_conversation_leaves_out_is_told() {
    let server = Server::always(ok(r#"{"choices":[{"message":{"content":"x"}}]}"#));
    let task = "turns = 4\nrequest = { kind = \"openai.chat\", model = \"m\", prompt_tokens = 120_000 }";
    let summary = summary(&server, "users = 1\nrequests = 4", task);
    assert_eq!(summary.all.completed, 4);
    assert_eq!(summary.notes, ["conversations that grew so long that their oldest turns were left out: 1"]);
}
