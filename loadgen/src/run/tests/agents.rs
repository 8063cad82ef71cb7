//! Conversations of agents, whose answers call tools.

use serde_json::{Value, json};

use super::*;

/// A task whose turns call `get_weather` and `add`.
fn agent(kind: &str, keys: &str, stream: bool) -> String {
    let stream = if stream { ", stream = true" } else { "" };
    format!(
        "[[user.u.task]]\n{keys}\nrequest = {{ kind = \"{kind}\", model = \"m\", prompt = \"q{{{{ turn }}}}\", max_tokens = 9{stream} }}\n"
    )
}

const TOOLS: &str = "turns = 2\ntools = { get_weather = \"18 degrees\", add = { sum = 3 } }";

/// The messages of a request.
fn messages(request: &ReceivedRequest, member: &str) -> Vec<Value> {
    let body: Value = serde_json::from_str(&request.body).unwrap();
    body[member].as_array().unwrap().clone()
}

/// Answers a question with `calls`, and the results of tools with `text`, each after 100 ms.
fn answering(
    member: &'static str,
    calls: Reply,
    text: Reply,
) -> impl Fn(&ReceivedRequest) -> Reply + 'static {
    move |request| {
        let last = messages(request, member).pop().unwrap();
        let is_question = last["role"] == "user" && last["content"].is_string();
        if is_question { calls.clone() } else { text.clone() }
    }
}

/// Runs two turns, and returns the messages of the last request.
fn history(kind: &str, member: &'static str, stream: bool, calls: Reply, text: Reply) -> String {
    let run =
        simulate("users = 1\nrequests = 4", &agent(kind, TOOLS, stream), 1, answering(member, calls, text));
    let all = &run.summary.all;
    assert_eq!((all.completed, all.failed), (4, 0), "{:?}", all.failures);
    assert_eq!((all.turns, all.turn_requests, all.turns_cut), (2, 4, 0));
    assert_eq!((all.tool_calls, all.unknown_tools), (6, 2), "{:?}", run.requests.last());
    assert!(is_always(&all.turn_time, 200) && is_always(&all.e2e, 100), "{:?}", all.turn_time.max());
    let lines: Vec<String> = messages(&run.requests[3], member).iter().map(Value::to_string).collect();
    lines.join("\n")
}

#[test]
fn chat_history_carries_calls_and_results() {
    let call = |id: &str, name: &str, arguments: &str| json!({ "id": id, "type": "function", "function": { "name": name, "arguments": arguments } });
    let calls = json!({ "choices": [{ "message": { "content": null, "tool_calls": [call("a", "get_weather", "{\"at\":1}"), call("b", "add", ""), call("c", "other", "{}")] }, "finish_reason": "tool_calls" }] });
    let text = json!({ "choices": [{ "message": { "content": [{ "type": "text", "text": "It is " }, { "type": "text", "text": "18" }] }, "finish_reason": "stop" }] });
    let plain = history(
        "openai.chat",
        "messages",
        false,
        Reply::json(MS(100), &calls.to_string()),
        Reply::json(MS(100), &text.to_string()),
    );
    insta::assert_snapshot!(plain, @r#"
    {"content":"q1","role":"user"}
    {"content":null,"role":"assistant","tool_calls":[{"function":{"arguments":"{\"at\":1}","name":"get_weather"},"id":"a","type":"function"},{"function":{"arguments":"{}","name":"add"},"id":"b","type":"function"},{"function":{"arguments":"{}","name":"other"},"id":"c","type":"function"}]}
    {"content":"18 degrees","role":"tool","tool_call_id":"a"}
    {"content":"{\"sum\":3}","role":"tool","tool_call_id":"b"}
    {"content":"error: unknown tool","role":"tool","tool_call_id":"c"}
    {"content":"It is 18","role":"assistant"}
    {"content":"q2","role":"user"}
    {"content":null,"role":"assistant","tool_calls":[{"function":{"arguments":"{\"at\":1}","name":"get_weather"},"id":"a","type":"function"},{"function":{"arguments":"{}","name":"add"},"id":"b","type":"function"},{"function":{"arguments":"{}","name":"other"},"id":"c","type":"function"}]}
    {"content":"18 degrees","role":"tool","tool_call_id":"a"}
    {"content":"{\"sum\":3}","role":"tool","tool_call_id":"b"}
    {"content":"error: unknown tool","role":"tool","tool_call_id":"c"}
    "#);
    let delta = |delta: Value| json!({ "choices": [{ "index": 0, "delta": delta }] }).to_string();
    let part = |index: u64, id: Value, name: Value, arguments: &str| {
        delta(
            json!({ "tool_calls": [{ "index": index, "id": id, "function": { "name": name, "arguments": arguments } }] }),
        )
    };
    let none = || Value::Null;
    let end = |reason: &str| {
        json!({ "choices": [{ "index": 0, "delta": {}, "finish_reason": reason }] }).to_string()
    };
    let events = [
        part(0, json!("a"), json!("get_weather"), ""),
        part(0, none(), none(), "{\"at\""),
        part(0, none(), none(), ":1}"),
        part(1, json!("b"), json!("add"), ""),
        part(2, json!("c"), json!("other"), "{}"),
        end("tool_calls"),
    ];
    let text = [
        delta(json!({ "content": [{ "type": "text", "text": "It is " }] })),
        delta(json!({ "content": "18" })),
        end("stop"),
    ];
    let stream = |events: &[String]| streamed(events, Some("[DONE]"));
    assert_eq!(history("openai.chat", "messages", true, stream(&events), stream(&text)), plain);
}

/// A stream of these events that takes 100 ms.
fn streamed(events: &[String], mark: Option<&str>) -> Reply {
    let events: Vec<&str> = events.iter().map(String::as_str).chain(mark).collect();
    let body: String = events.iter().map(|event| format!("data: {event}\n\n")).collect();
    Reply::stream_body(vec![(MS(100), body.into())], MS(100))
}

#[test]
fn responses_history_carries_calls_and_results() {
    let call = |id: &str, name: &str, arguments: &str| json!({ "type": "function_call", "id": format!("fc_{id}"), "call_id": id, "name": name, "arguments": arguments });
    let custom = json!({ "type": "custom_tool_call", "call_id": "b", "name": "add", "input": "1 + 2" });
    let items = json!([call("a", "get_weather", "{\"at\":1}"), custom, call("c", "other", "{}")]);
    let message = json!([{ "type": "message", "content": [{ "type": "output_text", "text": "It is 18" }] }]);
    let body = |output: &Value| {
        Reply::json(MS(100), &json!({ "status": "completed", "output": output }).to_string())
    };
    let plain = history("openai.responses", "input", false, body(&items), body(&message));
    insta::assert_snapshot!(plain, @r#"
    {"content":"q1","role":"user"}
    {"arguments":"{\"at\":1}","call_id":"a","name":"get_weather","type":"function_call"}
    {"call_id":"b","input":"1 + 2","name":"add","type":"custom_tool_call"}
    {"arguments":"{}","call_id":"c","name":"other","type":"function_call"}
    {"call_id":"a","output":"18 degrees","type":"function_call_output"}
    {"call_id":"b","output":"{\"sum\":3}","type":"custom_tool_call_output"}
    {"call_id":"c","output":"error: unknown tool","type":"function_call_output"}
    {"content":"It is 18","role":"assistant"}
    {"content":"q2","role":"user"}
    {"arguments":"{\"at\":1}","call_id":"a","name":"get_weather","type":"function_call"}
    {"call_id":"b","input":"1 + 2","name":"add","type":"custom_tool_call"}
    {"arguments":"{}","call_id":"c","name":"other","type":"function_call"}
    {"call_id":"a","output":"18 degrees","type":"function_call_output"}
    {"call_id":"b","output":"{\"sum\":3}","type":"custom_tool_call_output"}
    {"call_id":"c","output":"error: unknown tool","type":"function_call_output"}
    "#);
    let event = |kind: &str, rest: Value| {
        let mut event = rest;
        event["type"] = kind.into();
        event.to_string()
    };
    let completed = |output: &Value| event("response.completed", json!({ "response": { "output": output } }));
    let events = [
        event(
            "response.output_item.added",
            json!({ "output_index": 0, "item": call("a", "get_weather", "") }),
        ),
        event("response.function_call_arguments.delta", json!({ "output_index": 0, "delta": "{\"at\"" })),
        event("response.function_call_arguments.delta", json!({ "output_index": 0, "delta": ":1}" })),
        event(
            "response.output_item.added",
            json!({ "output_index": 1, "item": { "type": "custom_tool_call", "call_id": "b", "name": "add", "input": "" } }),
        ),
        event("response.custom_tool_call_input.delta", json!({ "output_index": 1, "delta": "1 + 2" })),
        event("response.output_item.done", json!({ "output_index": 2, "item": call("c", "other", "{}") })),
        event(
            "response.output_item.done",
            json!({ "output_index": 0, "item": call("a", "get_weather", "{\"at\":1}") }),
        ),
        completed(&items),
    ];
    let text = [
        event("response.output_text.delta", json!({ "delta": "It is " })),
        event("response.output_text.delta", json!({ "delta": "18" })),
        completed(&message),
    ];
    let found = history("openai.responses", "input", true, streamed(&events, None), streamed(&text, None));
    assert_eq!(found, plain);
    // A stream with nothing but its last event.
    let last = |output: &Value| streamed(&[completed(output)], None);
    assert_eq!(history("openai.responses", "input", true, last(&items), last(&message)), plain);
}

#[test]
fn messages_history_carries_thinking_calls_and_results() {
    let thinking = json!({ "type": "thinking", "thinking": "hm", "signature": "s1" });
    let call = |id: &str, name: &str, input: Value| json!({ "type": "tool_use", "id": id, "name": name, "input": input });
    let blocks = json!([thinking, { "type": "text", "text": "Let me see" }, call("a", "get_weather", json!({ "at": 1 })), call("b", "add", json!({})), call("c", "other", json!({}))]);
    let body =
        |content: &Value| Reply::json(MS(100), &json!({ "type": "message", "content": content }).to_string());
    let text = json!([thinking, { "type": "text", "text": "It is 18" }]);
    let plain = history("anthropic.messages", "messages", false, body(&blocks), body(&text));
    insta::assert_snapshot!(plain, @r#"
    {"content":"q1","role":"user"}
    {"content":[{"signature":"s1","thinking":"hm","type":"thinking"},{"text":"Let me see","type":"text"},{"id":"a","input":{"at":1},"name":"get_weather","type":"tool_use"},{"id":"b","input":{},"name":"add","type":"tool_use"},{"id":"c","input":{},"name":"other","type":"tool_use"}],"role":"assistant"}
    {"content":[{"content":"18 degrees","tool_use_id":"a","type":"tool_result"},{"content":"{\"sum\":3}","tool_use_id":"b","type":"tool_result"},{"content":"error: unknown tool","is_error":true,"tool_use_id":"c","type":"tool_result"}],"role":"user"}
    {"content":"It is 18","role":"assistant"}
    {"content":"q2","role":"user"}
    {"content":[{"signature":"s1","thinking":"hm","type":"thinking"},{"text":"Let me see","type":"text"},{"id":"a","input":{"at":1},"name":"get_weather","type":"tool_use"},{"id":"b","input":{},"name":"add","type":"tool_use"},{"id":"c","input":{},"name":"other","type":"tool_use"}],"role":"assistant"}
    {"content":[{"content":"18 degrees","tool_use_id":"a","type":"tool_result"},{"content":"{\"sum\":3}","tool_use_id":"b","type":"tool_result"},{"content":"error: unknown tool","is_error":true,"tool_use_id":"c","type":"tool_result"}],"role":"user"}
    "#);
    let start = |index: u64, block: Value| {
        json!({ "type": "content_block_start", "index": index, "content_block": block }).to_string()
    };
    let delta = |index: u64, delta: Value| {
        json!({ "type": "content_block_delta", "index": index, "delta": delta }).to_string()
    };
    let stop = r#"{"type":"message_stop"}"#.to_owned();
    let thought = [
        start(0, json!({ "type": "thinking", "thinking": "", "signature": "" })),
        delta(0, json!({ "type": "thinking_delta", "thinking": "h" })),
        delta(0, json!({ "type": "thinking_delta", "thinking": "m" })),
        delta(0, json!({ "type": "signature_delta", "signature": "s1" })),
    ];
    let mut calls = thought.to_vec();
    calls.extend([
        start(1, json!({ "type": "text", "text": "Let " })),
        delta(1, json!({ "type": "text_delta", "text": "me see" })),
        start(2, call("a", "get_weather", json!({}))),
        delta(2, json!({ "type": "input_json_delta", "partial_json": "{\"at\"" })),
        delta(2, json!({ "type": "input_json_delta", "partial_json": ":1}" })),
        start(3, call("b", "add", json!({}))),
        start(4, call("c", "other", json!({}))),
        stop.clone(),
    ]);
    let mut text = thought.to_vec();
    text.extend([
        start(1, json!({ "type": "text", "text": "" })),
        delta(1, json!({ "type": "text_delta", "text": "It is 18" })),
        stop,
    ]);
    let found =
        history("anthropic.messages", "messages", true, streamed(&calls, None), streamed(&text, None));
    assert_eq!(found, plain);
}

#[test]
fn legacy_function_call_is_carried_on() {
    let call =
        r#"{"choices":[{"message":{"content":null,"function_call":{"name":"add","arguments":"{}"}}}]}"#;
    let text = r#"{"choices":[{"message":{"content":"3"}}]}"#;
    let target = answering("messages", Reply::json(MS(1), call), Reply::json(MS(1), text));
    let run = simulate(
        "users = 1\nrequests = 2",
        &agent("openai.chat", "tools = { add = \"3\" }", false),
        1,
        target,
    );
    let last = messages(&run.requests[1], "messages");
    assert_eq!(last[1]["function_call"]["name"], "add");
    assert_eq!(last[2], json!({ "role": "function", "name": "add", "content": "3" }));
    assert_eq!(run.summary.all.turns, 1, "`tools` alone is a conversation of one turn");
}

const CALL: &str = r#"{"choices":[{"message":{"tool_calls":[{"id":"a","type":"function","function":{"name":"add","arguments":"{}"}}]}}]}"#;

#[test]
fn turn_that_calls_tools_without_end_is_cut_at_its_limit() {
    let task = agent("openai.chat", "tools = { add = \"3\" }\nmax_loops = 3", false);
    let run = simulate("users = 1\nrequests = 6", &task, 1, |_: &ReceivedRequest| Reply::json(MS(10), CALL));
    let all = &run.summary.all;
    assert_eq!((all.completed, all.turns, all.turns_cut, all.turn_requests), (6, 2, 2, 6));
    let lengths: Vec<usize> =
        run.requests.iter().map(|request| messages(request, "messages").len()).collect();
    assert_eq!(lengths, [1, 3, 5, 1, 3, 5]);
}

#[test]
fn call_without_tools_has_an_error_as_its_result_in_the_next_turn() {
    let run = simulate(
        "users = 1\nrequests = 2",
        &agent("openai.chat", "turns = 2", false),
        1,
        |_: &ReceivedRequest| Reply::json(MS(10), CALL),
    );
    let roles: Vec<Value> =
        messages(&run.requests[1], "messages").iter().map(|message| message["role"].clone()).collect();
    assert_eq!(roles, ["user", "assistant", "tool", "user"]);
}
