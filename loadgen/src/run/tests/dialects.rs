//! A streamed answer of each API.

use super::*;

/// A request, its path, and the events of its answer.
struct Case {
    request: &'static str,
    path: &'static str,
    events: &'static [&'static str],
    /// Input tokens, output tokens, and events with content.
    counts: (u64, u64, u64),
    /// The number of the first event with content, from 1.
    first: u64,
}

const CASES: [Case; 6] = [
    Case {
        request: r#"kind = "openai.chat", model = "m", prompt = "p", stream = true"#,
        path: "/v1/chat/completions",
        events: &[
            r#"{"choices":[{"delta":{"role":"assistant","content":""}}]}"#,
            CONTENT,
            LAST,
            r#"{"choices":[],"usage":{"prompt_tokens":5,"completion_tokens":4}}"#,
            "[DONE]",
        ],
        counts: (5, 4, 2),
        first: 2,
    },
    Case {
        request: r#"kind = "openai.completions", model = "m", prompt = "p", stream = true"#,
        path: "/v1/completions",
        events: &[
            r#"{"choices":[{"text":"a","index":0}]}"#,
            r#"{"choices":[{"text":"b","index":0,"finish_reason":"length"}],"usage":{"prompt_tokens":5,"completion_tokens":4}}"#,
            "[DONE]",
        ],
        counts: (5, 4, 2),
        first: 1,
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
        first: 2,
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
        first: 2,
    },
    Case {
        request: r#"kind = "chain_stream", chain = "c""#,
        path: "/api/chains/c/stream",
        events: &[r#"{"type":"step_started"}"#, r#"{"type":"token"}"#, r#"{"type":"token"}"#, "[DONE]"],
        counts: (0, 2, 2),
        first: 2,
    },
    Case {
        request: r#"kind = "http", path = "/any", events = "any", content = "/x""#,
        path: "/any",
        events: &["hello", r#"{"x":"a"}"#, r#"{"x":"b"}"#],
        counts: (0, 2, 2),
        first: 2,
    },
];

#[test]
fn stream_of_each_api_is_timed_by_its_content() {
    for case in &CASES {
        let task = format!("[[user.u.task]]\nrequest = {{ {} }}", case.request);
        let run = simulate("users = 1\nrequests = 2", &task, 1, |_| Reply::stream(MS(10), case.events));
        let all = &run.summary.all;
        assert_eq!((all.completed, all.failed), (2, 0), "{}: {:?}", case.path, all.failures);
        let (input, output, events) = case.counts;
        let counts = (all.input_tokens, all.output_tokens, all.events);
        assert_eq!(counts, (2 * input, 2 * output, 2 * events), "{}", case.path);
        assert_eq!((all.ttft.count(), all.tpot.count(), all.itl.count()), (2, 2, 2), "{}", case.path);
        assert!(is_always(&all.ttft, 10 * case.first), "{}: {:?}", case.path, all.ttft.max());
        assert!(is_always(&all.itl, 10), "{}: {:?}", case.path, all.itl.max());
        let received = &run.requests[0];
        assert!(received.line.ends_with(case.path), "{}", received.line);
        let (key, value) = match case.path {
            "/v1/messages" => ("x-api-key", "sk-secret"),
            _ => ("authorization", "Bearer sk-secret"),
        };
        assert_eq!(received.headers[key], value, "{}", case.path);
        let secrets = received.headers.values().filter(|value| value.as_bytes().ends_with(b"sk-secret"));
        assert_eq!(secrets.count(), 1, "{}", case.path);
    }
}

#[test]
fn stream_of_each_api_without_its_end_is_truncated() {
    for case in CASES.iter().filter(|case| case.path != "/any") {
        let events = &case.events[..case.first as usize];
        let task = format!("[[user.u.task]]\nrequest = {{ {} }}", case.request);
        let run = simulate("users = 1\nrequests = 1", &task, 1, |_| Reply::stream(MS(1), events));
        assert_eq!(only_failure(&run.summary.all).0, "truncated", "{}", case.path);
    }
}
