//! Answers of the responses API in conversations.

use serde_json::{Value, json};

use crate::task::{CallKind, History, Reply, ToolCall, ToolResult, arguments_text, member, push_message};

/// Returns the text and calls of a plain answer, or of the last event of a stream.
pub(super) fn of_body(answer: &Value) -> Reply {
    let mut reply = Reply::default();
    let items = answer.get("output").and_then(Value::as_array).into_iter().flatten();
    for (index, item) in (0..).zip(items) {
        let parts = item.get("content").and_then(Value::as_array).into_iter().flatten();
        let texts = parts.filter_map(|part| match part.get("type").and_then(Value::as_str)? {
            "output_text" => part.get("text")?.as_str(),
            "refusal" => part.get("refusal")?.as_str(),
            _ => None,
        });
        texts.for_each(|text| reply.push_text(text));
        if let Some(call) = call(item, index) {
            reply.push_call(call);
        }
    }
    reply
}

/// Adds what an event adds to the answer.
pub(super) fn add_event(event: &Value, reply: &mut Reply) {
    let index = event.get("output_index").and_then(Value::as_u64).unwrap_or(0);
    let arguments = |name, kind| {
        let arguments = member(event, name);
        ToolCall { index, arguments, kind, ..ToolCall::default() }
    };
    match event.get("type").and_then(Value::as_str).unwrap_or_default() {
        "response.output_text.delta" | "response.refusal.delta" => reply.push_text(&member(event, "delta")),
        "response.function_call_arguments.delta" => reply.push_call(arguments("delta", CallKind::Function)),
        "response.custom_tool_call_input.delta" => reply.push_call(arguments("delta", CallKind::Custom)),
        "response.output_item.added" => {
            if let Some(call) = event.get("item").and_then(|item| call(item, index)) {
                reply.push_call(call);
            }
        }
        // It holds the whole call.
        "response.output_item.done" => {
            if let Some(call) = event.get("item").and_then(|item| call(item, index)) {
                reply.set_call(call);
            }
        }
        "response.completed" | "response.incomplete" if reply.is_empty() => {
            *reply = event.get("response").map(of_body).unwrap_or_default();
        }
        _ => {}
    }
}

/// The call that an item is.
fn call(item: &Value, index: u64) -> Option<ToolCall> {
    let (kind, argument) = match item.get("type")?.as_str()? {
        "function_call" => (CallKind::Function, "arguments"),
        "custom_tool_call" => (CallKind::Custom, "input"),
        _ => return None,
    };
    let arguments = arguments_text(item.get(argument));
    Some(ToolCall { index, id: member(item, "call_id"), name: member(item, "name"), arguments, kind })
}

/// The items of the responses API.
pub(super) struct ResponsesHistory;

impl History for ResponsesHistory {
    fn write_reply(&self, reply: &Reply, out: &mut String) {
        if !reply.text().is_empty() {
            push_message(out, &json!({ "role": "assistant", "content": reply.text() }));
        }
        for ToolCall { id, name, arguments, kind, .. } in reply.calls() {
            let item = match kind {
                CallKind::Custom => {
                    json!({ "type": "custom_tool_call", "call_id": id, "name": name, "input": arguments })
                }
                CallKind::Function | CallKind::Legacy => {
                    json!({ "type": "function_call", "call_id": id, "name": name, "arguments": arguments })
                }
            };
            push_message(out, &item);
        }
    }

    fn write_results(&self, results: &[ToolResult<'_>], out: &mut String) {
        for ToolResult { call, output, .. } in results {
            let kind = match call.kind {
                CallKind::Custom => "custom_tool_call_output",
                CallKind::Function | CallKind::Legacy => "function_call_output",
            };
            push_message(out, &json!({ "type": kind, "call_id": call.id, "output": output }));
        }
    }
}
