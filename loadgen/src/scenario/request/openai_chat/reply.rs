//! Answers of chat completions in conversations.

use serde_json::{Map, Value, json};

use crate::task::{CallKind, History, Reply, ToolCall, ToolResult, arguments_text, member, push_message};

/// The index of a legacy call: an answer has at most one.
const LEGACY: u64 = u64::MAX;

/// Returns the first choice of a plain answer.
pub(super) fn of_body(answer: &Value) -> Reply {
    let mut reply = Reply::default();
    if let Some(message) = answer.pointer("/choices/0/message") {
        add(message, &mut reply);
    }
    reply
}

/// Adds what an event adds to the first choice.
pub(super) fn add_event(event: &Value, reply: &mut Reply) {
    let choices = event.get("choices").and_then(Value::as_array).into_iter().flatten();
    let is_first = |choice: &&Value| choice.get("index").and_then(Value::as_u64).unwrap_or(0) == 0;
    for choice in choices.filter(is_first) {
        if let Some(delta) = choice.get("delta").filter(|delta| !delta.is_null()) {
            add(delta, reply);
        }
    }
}

/// Adds a message or a part of one.
fn add(message: &Value, reply: &mut Reply) {
    match message.get("content") {
        Some(Value::String(text)) => reply.push_text(text),
        Some(Value::Array(parts)) => parts.iter().for_each(|part| add_part(part, reply)),
        _ => {}
    }
    reply.push_text(message.get("refusal").and_then(Value::as_str).unwrap_or_default());
    let calls = match message.get("tool_calls") {
        Some(Value::Array(calls)) => calls.as_slice(),
        Some(one @ Value::Object(_)) => std::slice::from_ref(one),
        _ => &[],
    };
    for (position, call) in (0..).zip(calls) {
        reply.push_call(tool_call(call, position));
    }
    if let Some(call) = message.get("function_call").filter(|call| call.is_object()) {
        let arguments = arguments_text(call.get("arguments"));
        let name = member(call, "name");
        reply.push_call(ToolCall {
            index: LEGACY,
            id: String::new(),
            name,
            arguments,
            kind: CallKind::Legacy,
        });
    }
}

fn add_part(part: &Value, reply: &mut Reply) {
    match part {
        Value::String(text) => reply.push_text(text),
        part if matches!(part.get("type").and_then(Value::as_str), Some("thinking" | "reasoning")) => {}
        part => {
            let text = part.get("text").or_else(|| part.get("refusal")).and_then(Value::as_str);
            reply.push_text(text.unwrap_or_default());
        }
    }
}

fn tool_call(call: &Value, position: u64) -> ToolCall {
    let index = call.get("index").and_then(Value::as_u64).unwrap_or(position);
    let (function, kind, argument) = match call.get("custom").filter(|custom| custom.is_object()) {
        Some(custom) => (custom, CallKind::Custom, "input"),
        None => (call.get("function").unwrap_or(&Value::Null), CallKind::Function, "arguments"),
    };
    let arguments = arguments_text(function.get(argument));
    ToolCall { index, id: member(call, "id"), name: member(function, "name"), arguments, kind }
}

/// The messages of chat completions.
pub(super) struct ChatHistory;

impl History for ChatHistory {
    fn write_reply(&self, reply: &Reply, out: &mut String) {
        let content = if reply.text().is_empty() { Value::Null } else { reply.text().into() };
        let mut message =
            Map::from_iter([("role".to_owned(), "assistant".into()), ("content".to_owned(), content)]);
        let (legacy, calls): (Vec<&ToolCall>, Vec<&ToolCall>) =
            reply.calls().iter().partition(|call| call.kind == CallKind::Legacy);
        if let Some(call) = legacy.first() {
            let call = json!({ "name": call.name, "arguments": call.arguments });
            message.insert("function_call".to_owned(), call);
        }
        if !calls.is_empty() {
            message.insert("tool_calls".to_owned(), calls.into_iter().map(written).collect());
        }
        push_message(out, &Value::Object(message));
    }

    fn write_results(&self, results: &[ToolResult<'_>], out: &mut String) {
        for ToolResult { call, output, .. } in results {
            let message = match call.kind {
                CallKind::Legacy => json!({ "role": "function", "name": call.name, "content": output }),
                CallKind::Function | CallKind::Custom => {
                    json!({ "role": "tool", "tool_call_id": call.id, "content": output })
                }
            };
            push_message(out, &message);
        }
    }
}

fn written(call: &ToolCall) -> Value {
    let ToolCall { id, name, arguments, .. } = call;
    match call.kind {
        CallKind::Custom => {
            json!({ "id": id, "type": "custom", "custom": { "name": name, "input": arguments } })
        }
        CallKind::Function | CallKind::Legacy => {
            json!({ "id": id, "type": "function", "function": { "name": name, "arguments": arguments } })
        }
    }
}
