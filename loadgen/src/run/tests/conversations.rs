//! Conversations of several turns.

use serde_json::{Value, json};

use super::*;

const TURNS: &str = "[[user.u.task]]\nturns = 3\nrequest = { kind = \"openai.chat\", model = \"m\", system = \"s\", prompt = \"question {{ turn }}\" }\n";

/// Answers each chat with the number of its messages.
fn counting(request: &ReceivedRequest) -> Reply {
    let body: Value = serde_json::from_str(&request.body).unwrap();
    let text = format!("after {}", body["messages"].as_array().unwrap().len());
    Reply::json(MS(100), &json!({ "choices": [{ "message": { "content": text } }] }).to_string())
}

/// The messages of each request, each as `role: text`.
fn messages(run: &SimulatedRun, member: &str) -> Vec<String> {
    let bodies = run.requests.iter().map(|request| serde_json::from_str::<Value>(&request.body).unwrap());
    let line = |message: &Value| {
        format!("{}: {}", message["role"].as_str().unwrap(), message["content"].as_str().unwrap())
    };
    bodies
        .map(|body| body[member].as_array().unwrap().iter().map(line).collect::<Vec<_>>().join(" | "))
        .collect()
}

#[test]
fn each_turn_repeats_the_messages_before_it() {
    let run = simulate("users = 1\nrequests = 4", TURNS, 1, counting);
    assert_eq!((run.summary.all.completed, run.summary.all.failed), (4, 0), "{:?}", run.summary.all.failures);
    insta::assert_snapshot!(messages(&run, "messages").join("\n"), @r"
    system: s | user: question 1
    system: s | user: question 1 | assistant: after 2 | user: question 2
    system: s | user: question 1 | assistant: after 2 | user: question 2 | assistant: after 4 | user: question 3
    system: s | user: question 1
    ");
}

#[test]
fn streamed_answers_are_repeated_too() {
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
    let chat = [CONTENT, LAST, "[DONE]"];
    for (kind, member, events, text) in [
        ("anthropic.messages", "messages", anthropic.to_vec(), "AB"),
        ("openai.responses", "input", responses.to_vec(), "AB"),
        ("openai.chat", "messages", chat.to_vec(), "xx"),
    ] {
        let task = format!(
            "[[user.u.task]]\nturns = 2\nrequest = {{ kind = \"{kind}\", model = \"m\", prompt = \"q{{{{ turn }}}}\", max_tokens = 9, stream = true }}"
        );
        let run = simulate("users = 1\nrequests = 2", &task, 1, move |_| Reply::stream(MS(1), &events));
        assert_eq!(run.summary.all.completed, 2, "{kind}: {:?}", run.summary.all.failures);
        let expected = format!("user: q1 | assistant: {text} | user: q2");
        assert_eq!(messages(&run, member)[1], expected, "{kind}");
    }
}

#[test]
fn failed_turn_ends_its_conversation() {
    let run = simulate("users = 1\nrequests = 3", TURNS, 1, |request| match request.at.as_millis() {
        100 => Reply::status(500, MS(100), "{}"),
        _ => Reply::json(MS(100), r#"{"choices":[{}]}"#),
    });
    assert_eq!((run.summary.all.completed, run.summary.all.failed), (2, 1));
    assert_eq!(messages(&run, "messages")[2], "system: s | user: question 1", "a new conversation");
}

#[test]
fn turns_of_an_arrival_start_after_answer_and_pause() {
    let task = format!("{TURNS}pause = \"300ms\"");
    let run = simulate("rate = \"1/s\"\nrun_time = \"1500ms\"\ngrace = \"10s\"", &task, 1, counting);
    // Turns are at 0, 400 and 800 ms after each arrival; none starts after the end of the load.
    assert_eq!(run.starts(), [0, 400, 800, 1000, 1400]);
    let arrivals = run.summary.generator.arrivals.unwrap();
    assert_eq!((arrivals.planned, arrivals.started), (2, 2), "a turn is not an arrival");
    let all = &run.summary.all;
    assert_eq!((all.failed, run.summary.window.unfinished), (0, 0));
    assert!(is_always(&all.response_time, 100), "each turn counts from its own instant");
}

#[test]
fn long_conversation_omits_its_oldest_turns_with_a_note() {
    let task = "[[user.u.task]]\nturns = 4\nrequest = { kind = \"openai.chat\", model = \"m\", prompt_tokens = 120_000 }";
    let body = r#"{"choices":[{"message":{"content":"x"}}]}"#;
    let run = simulate("users = 1\nrequests = 4", task, 1, move |_| Reply::json(MS(1), body));
    assert_eq!(run.summary.all.completed, 4);
    assert_eq!(
        run.summary.notes,
        ["conversations that grew so long that their oldest turns were left out: 1"]
    );
}
