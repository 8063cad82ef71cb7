//! Answers of the messages API in conversations.

use serde_json::{Value, json};

use crate::task::{CallKind, History, Reply, ToolCall, ToolResult, arguments_text, member, push_message};

/// Returns the text, thinking and calls of a plain answer.
pub(super) fn of_body(answer: &Value) -> Reply {
    let mut reply = Reply::default();
    let blocks = answer.get("content").and_then(Value::as_array).into_iter().flatten();
    for (index, block) in (0..).zip(blocks) {
        begin(block, index, &mut reply);
    }
    reply
}

/// Adds what an event adds to the answer.
pub(super) fn add_event(event: &Value, reply: &mut Reply) {
    let index = event.get("index").and_then(Value::as_u64).unwrap_or(0);
    if let Some(block) = event.get("content_block") {
        begin(block, index, reply);
    }
    let Some(delta) = event.get("delta") else { return };
    reply.push_text(&member(delta, "text"));
    let arguments = member(delta, "partial_json");
    if !arguments.is_empty() {
        reply.push_call(ToolCall { index, arguments, ..ToolCall::default() });
    }
    for name in ["thinking", "signature"] {
        reply.extend_block(index, name, &member(delta, name));
    }
}

/// Adds a block, or the beginning of one.
fn begin(block: &Value, index: u64, reply: &mut Reply) {
    match block.get("type").and_then(Value::as_str).unwrap_or_default() {
        "text" => reply.push_text(&member(block, "text")),
        "thinking" | "redacted_thinking" => reply.push_block(index, block.clone()),
        "tool_use" => {
            // A stream begins with an empty input, and its parts follow.
            let input =
                block.get("input").filter(|input| input.as_object().is_some_and(|input| !input.is_empty()));
            let (id, name) = (member(block, "id"), member(block, "name"));
            let arguments = arguments_text(input);
            reply.push_call(ToolCall { index, id, name, arguments, kind: CallKind::Function });
        }
        _ => {}
    }
}

/// The messages of the messages API.
pub(super) struct MessagesHistory;

impl History for MessagesHistory {
    fn write_reply(&self, reply: &Reply, out: &mut String) {
        if reply.calls().is_empty() {
            if !reply.text().is_empty() {
                push_message(out, &json!({ "role": "assistant", "content": reply.text() }));
            }
            return;
        }
        // With thinking, the API wants the thinking before the calls back.
        let mut blocks: Vec<Value> = reply.blocks().cloned().collect();
        if !reply.text().trim().is_empty() {
            blocks.push(json!({ "type": "text", "text": reply.text() }));
        }
        blocks.extend(reply.calls().iter().map(|call| {
            json!({ "type": "tool_use", "id": call.id, "name": call.name, "input": call.arguments_object() })
        }));
        push_message(out, &json!({ "role": "assistant", "content": blocks }));
    }

    fn write_results(&self, results: &[ToolResult<'_>], out: &mut String) {
        let block = |result: &ToolResult<'_>| {
            let mut block =
                json!({ "type": "tool_result", "tool_use_id": result.call.id, "content": result.output });
            if let (true, Some(members)) = (result.is_error, block.as_object_mut()) {
                members.insert("is_error".to_owned(), true.into());
            }
            block
        };
        let blocks: Vec<Value> = results.iter().map(block).collect();
        push_message(out, &json!({ "role": "user", "content": blocks }));
    }
}
