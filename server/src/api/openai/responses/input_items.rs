//! `GET /v1/responses/{id}/input_items`.

use axum::response::Response;
use serde::Deserialize as _;
use serde_json::{Map, Value, json};

use super::{
    input::{ItemKind, RawKind},
    retrieve,
    stored::StoredResponse,
};
use crate::{
    api::openai::{
        headers::large_answer,
        paging::{self, Query},
        store::{Order, PageQuery, Remaining, Store},
    },
    config::UnknownIds,
    request::{Problem, RequestContext},
};

/// Returns the input items of an answer.
pub(in crate::api::openai) async fn input_items(
    call: &mut RequestContext,
    store: &Store<StoredResponse>,
) -> Result<Response, Problem> {
    let (stored, query) = (retrieve::named(call, store).await?, call.query().await?);
    let unknown_ids = call.server.config.models.unknown_ids;
    large_answer(call, stored.input.len(), move || page(&stored, &query, unknown_ids)).await
}

/// Returns the requested page of the input items of `stored`.
fn page(stored: &StoredResponse, query: &Query, unknown_ids: UnknownIds) -> Result<Value, Problem> {
    let wanted = paging::wanted(query, Order::NewestFirst)?;
    // The SDKs' tests request a page of 0 items, and get one of 1.
    let wanted = PageQuery { limit: wanted.limit.max(1), ..wanted };
    let all = || items(&stored.head.items.key, &stored.input);
    let page = paging::part(all(), wanted);
    let (page, rest) = match (page, unknown_ids) {
        (Some(page), _) => page,
        (None, UnknownIds::Synthesize) => {
            paging::part(all(), PageQuery { after: None, ..wanted }).unwrap_or((Vec::new(), Remaining::None))
        }
        (None, UnknownIds::Reject) => {
            let message = format!("Item with id '{}' not found.", wanted.after.unwrap_or_default());
            return Err(Problem::field("after", "invalid_value", message));
        }
    };
    Ok(paging::list(&page, rest))
}

/// Returns the items of an input, the oldest first, with the ids and status of list entries.
fn items(key: &str, input: &str) -> Vec<Value> {
    match serde_json::from_str(input) {
        Ok(Value::String(text)) => {
            item(key, 0, json!({"role": "user", "content": text})).into_iter().collect()
        }
        Ok(Value::Array(items)) => {
            (0..).zip(items).filter_map(|(index, one)| item(key, index, one)).collect()
        }
        Ok(Value::Null | Value::Bool(_) | Value::Number(_) | Value::Object(_)) | Err(_) => Vec::new(),
    }
}

/// Returns one item; `None` for a reference to another.
fn item(key: &str, index: u32, value: Value) -> Option<Value> {
    let kind = RawKind::deserialize(&value).ok()?.kind();
    let Value::Object(mut fields) = value else { return None };
    let (prefix, has_status) = match kind {
        ItemKind::ItemReference => return None,
        ItemKind::Message => {
            let role = fields.get("role").and_then(Value::as_str).unwrap_or_default().to_owned();
            if let Some(content) = fields.get_mut("content") {
                *content = parts(&role, content.take());
            }
            fields.insert("type".to_owned(), json!("message"));
            ("msg", true)
        }
        ItemKind::FunctionCall => ("fc", true),
        ItemKind::FunctionCallOutput => ("fco", true),
        ItemKind::CustomToolCall => ("ctc", true),
        ItemKind::CustomToolCallOutput => ("ctco", true),
        ItemKind::Reasoning => ("rs", false),
        ItemKind::Compaction | ItemKind::CompactionTrigger | ItemKind::CompactionSummary => ("cmp", false),
        ItemKind::McpListTools
        | ItemKind::McpApprovalRequest
        | ItemKind::McpApprovalResponse
        | ItemKind::McpCall => ("mcp", false),
        ItemKind::ConfigurationUpdate
        | ItemKind::FileSearchCall
        | ItemKind::WebSearchCall
        | ItemKind::ComputerCall
        | ItemKind::ComputerCallOutput
        | ItemKind::CodeInterpreterCall
        | ItemKind::ImageGenerationCall
        | ItemKind::LocalShellCall
        | ItemKind::LocalShellCallOutput
        | ItemKind::ShellCall
        | ItemKind::ShellCallOutput
        | ItemKind::ApplyPatchCall
        | ItemKind::ApplyPatchCallOutput
        | ItemKind::ToolSearchCall
        | ItemKind::ToolSearchOutput
        | ItemKind::AdditionalTools
        | ItemKind::Program
        | ItemKind::ProgramOutput => ("item", false),
    };
    default(&mut fields, "id", || format!("{prefix}_{key}i{index:03x}"));
    if has_status {
        default(&mut fields, "status", || "completed".to_owned());
    }
    Some(Value::Object(fields))
}

fn default(fields: &mut Map<String, Value>, name: &str, value: impl FnOnce() -> String) {
    if fields.get(name).is_none_or(Value::is_null) {
        fields.insert(name.to_owned(), Value::String(value()));
    }
}

/// Returns the content of a message as parts.
fn parts(role: &str, content: Value) -> Value {
    let text = |text: Value| match role {
        "assistant" => json!([{"type": "output_text", "text": text, "annotations": [], "logprobs": []}]),
        _ => json!([{"type": "input_text", "text": text}]),
    };
    match content {
        Value::String(content) => text(Value::String(content)),
        Value::Array(mut parts) => {
            parts.iter_mut().filter_map(Value::as_object_mut).for_each(complete);
            Value::Array(parts)
        }
        other @ (Value::Null | Value::Bool(_) | Value::Number(_) | Value::Object(_)) => other,
    }
}

/// Adds fields that are optional in requests and required in lists.
fn complete(part: &mut Map<String, Value>) {
    match part.get("type").and_then(Value::as_str) {
        Some("input_image") => default(part, "detail", || "auto".to_owned()),
        Some("output_text") => {
            part.entry("annotations").or_insert_with(|| json!([]));
            part.entry("logprobs").or_insert_with(|| json!([]));
        }
        Some(_) | None => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn listed(input: &Value) -> String {
        items("k", &input.to_string()).iter().map(|item| format!("{item}\n")).collect()
    }

    #[test]
    fn list_of_a_text_is_a_user_message() {
        insta::assert_snapshot!(listed(&json!("Hi")), @r#"{"content":[{"text":"Hi","type":"input_text"}],"id":"msg_ki000","role":"user","status":"completed","type":"message"}"#);
    }

    #[test]
    fn list_items_have_ids_and_status() {
        insta::assert_snapshot!(listed(&json!([
            {"role": "assistant", "content": "Yes?"},
            {"type": "message", "id": "msg_1", "role": "user", "content": [{"type": "input_image", "file_id": "f"}]},
            {"type": "function_call", "id": null, "call_id": "c", "name": "f", "arguments": "{}"},
            {"type": "function_call_output", "call_id": "c", "output": "5"},
            {"type": "item_reference", "id": "msg_2"},
            {"type": "reasoning", "id": "rs_1", "summary": []},
        ])), @r#"
        {"content":[{"annotations":[],"logprobs":[],"text":"Yes?","type":"output_text"}],"id":"msg_ki000","role":"assistant","status":"completed","type":"message"}
        {"content":[{"detail":"auto","file_id":"f","type":"input_image"}],"id":"msg_1","role":"user","status":"completed","type":"message"}
        {"arguments":"{}","call_id":"c","id":"fc_ki002","name":"f","status":"completed","type":"function_call"}
        {"call_id":"c","id":"fco_ki003","output":"5","status":"completed","type":"function_call_output"}
        {"id":"rs_1","summary":[],"type":"reasoning"}
        "#);
    }
}
