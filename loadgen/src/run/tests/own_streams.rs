//! Streams of an unsupported API.

use super::*;
use weir_results::Outcome;

/// Two status events, then two tokens, 100 ms apart.
const EVENTS: &str = "event: status\ndata: {\"delta\":\"\"}\n\n|event: status\ndata: {\"state\":\"searching\"}\n\n|\
                      event: token\ndata: {\"delta\":\"a\"}\n\n|event: token\ndata: {\"delta\":\"b\"}\n\n";

fn own_app(_: &ReceivedRequest) -> Reply {
    let parts = (1..).zip(EVENTS.split('|')).map(|(nth, event)| (MS(100 * nth), event.into()));
    Reply::stream_body(parts.collect(), MS(400))
}

/// The run of two requests of a task with these keys.
fn run(keys: &str) -> SimulatedRun {
    let task =
        format!("[[user.u.task]]\nname = \"ask\"\nrequest = {{ kind = \"http\", path = \"/ask\", {keys} }}");
    simulate("users = 1\nrequests = 2", &task, 1, own_app)
}

/// The thresholds that failed.
fn failed(run: &SimulatedRun) -> Vec<&str> {
    let failed = run.summary.thresholds.iter().filter(|result| result.outcome == Outcome::Failed);
    failed.map(|result| result.text.as_str()).collect()
}

#[test]
fn status_events_are_no_content() {
    for keys in [
        "events = \"any\", event = \"token\"",
        "stream = true, event = [\"token\", \"other\"]",
        "stream = true, content = \"/delta\"",
        "events = \"any\", event = \"token\", content = \"/delta\"",
        "events = \"auto\", content = \"/delta\"",
    ] {
        let run = run(keys);
        let all = &run.summary.all;
        assert_eq!((all.completed, all.events, all.output_tokens, all.empty), (2, 4, 4, 0), "{keys}");
        assert!(is_always(&all.ttft, 300) && is_always(&all.itl, 100), "{keys}: {:?}", all.ttft.max());
        assert_eq!((failed(&run), &*run.summary.notes), (vec![], &[][..]), "{keys}");
    }
}

#[test]
fn streams_without_content_fail_with_the_reason() {
    for (keys, note) in [
        ("stream = true, content = \"/detla\"", "ask: 8 events, none had /detla; did you mean `/delta`?"),
        (
            "stream = true",
            "ask: 8 events, all had a type (status, token), and only those without one count as content; add the type \
             that is content to the request, such as  event = \"status\"",
        ),
        (
            "events = \"any\", event = \"tokne\"",
            "ask: 8 events, none was of the type tokne; their types were status, token",
        ),
        ("events = \"openai.chat\"", ""),
    ] {
        let run = run(keys);
        if note.is_empty() {
            assert_eq!(run.summary.all.failed, 2, "{keys}: a stream of another API is truncated");
            continue;
        }
        assert_eq!((run.summary.all.completed, run.summary.all.empty), (2, 2), "{keys}");
        assert_eq!(failed(&run), ["task(\"ask\").empty < 100%"], "{keys}");
        assert_eq!(run.summary.notes, [note], "{keys}");
    }
}

#[test]
fn streams_of_llm_apis_without_content_fail() {
    let task = "[[user.u.task]]\nname = \"chat\"\n\
                request = { kind = \"openai.chat\", model = \"m\", prompt = \"p\", stream = true }";
    let empty = [r#"{"choices":[{"delta":{},"finish_reason":"stop"}]}"#, "[DONE]"];
    let run = simulate("users = 1\nrequests = 2", task, 1, move |_| Reply::stream(MS(1), &empty));
    assert_eq!(failed(&run), ["task(\"chat\").empty < 100%"]);
    assert_eq!(run.summary.notes, ["chat: 2 events, none had content, reasoning or a tool call"]);
}

#[test]
fn stream_that_is_read_in_one_piece_is_noted() {
    let task = "[[user.u.task]]\nname = \"ask\"\nrequest = { kind = \"http\", path = \"/ask\" }";
    let run = simulate("users = 1\nrequests = 2", task, 1, own_app);
    assert_eq!((run.summary.all.completed, run.summary.all.ttft.count()), (2, 0));
    assert_eq!(failed(&run), [""; 0]);
    assert_eq!(
        run.summary.notes,
        [
            "ask: 2 answers were event streams, which were timed in one piece; to measure the time to first token, add \
             to the request  events = \"any\""
        ]
    );
}

#[test]
fn other_answers_of_auto_are_plain() {
    let task =
        "[[user.u.task]]\nname = \"ask\"\nrequest = { kind = \"http\", path = \"/ask\", events = \"auto\" }";
    let run = simulate("users = 1\nrequests = 2", task, 1, |_| Reply::json(MS(5), "{}"));
    assert_eq!((run.summary.all.completed, run.summary.all.empty, run.summary.all.events), (2, 0, 0));
    assert_eq!((failed(&run), &*run.summary.notes), (vec![], &[][..]));
}
