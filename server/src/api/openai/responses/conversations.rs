//! `/v1/conversations`: stored conversations and their items.

use std::{collections::BTreeMap, sync::Arc};

use axum::response::Response;
use serde::Deserialize;
use serde_json::{Value, json, value::RawValue};
use weir_model::TokenCounter;

use super::{
    conversation::{Conversation, Gaps},
    input::add_input,
    input_items::listed_items,
    stored_conversation::StoredConversation,
};
use crate::{
    api::openai::{
        bounds,
        headers::{answer, large_answer},
        identity::now,
        paging,
        store::{Order, Remaining, Store},
    },
    config::UnknownIds,
    context::ServerContext,
    request::{
        Problem, ProblemKind, RequestContext,
        json::{self, List},
    },
};

/// The store of conversations.
pub(in crate::api::openai) type Conversations = Store<StoredConversation>;

/// Maximum items of one request (the provider's).
const ITEMS_MAX: usize = 20;

#[derive(Deserialize)]
struct RawCreate<'a> {
    #[serde(borrow)]
    items: Option<&'a RawValue>,
    metadata: Option<BTreeMap<String, String>>,
}

#[derive(Deserialize)]
struct RawUpdate {
    metadata: Option<BTreeMap<String, String>>,
}

#[derive(Deserialize)]
struct RawItems<'a> {
    #[serde(borrow)]
    items: &'a RawValue,
}

/// `POST /v1/conversations`.
pub(in crate::api::openai) async fn create(
    call: &mut RequestContext,
    conversations: &Conversations,
) -> Result<Response, Problem> {
    let body = call.body().await?;
    let body = if body.trim_ascii().is_empty() { &b"{}"[..] } else { &body };
    let raw: RawCreate<'_> = json::read(body)?;
    let metadata = raw.metadata.unwrap_or_default();
    bounds::metadata(&metadata)?;
    let key = call.server.ids.next();
    let items =
        raw.items.map_or_else(|| Ok(Vec::new()), |raw| read_items(&key, raw, &call.server.counter))?;
    let id = format!("conv_{key}");
    let conversation = StoredConversation::new(now(), metadata).with_items(&items);
    let (object, bytes) = (conversation.object(&id), conversation.bytes());
    conversations.insert(&id, conversation, bytes);
    Ok(answer(call, &object))
}

/// `GET /v1/conversations/{id}`.
pub(in crate::api::openai) async fn retrieve(
    call: &mut RequestContext,
    conversations: &Conversations,
) -> Result<Response, Problem> {
    let id = call.name().await?;
    let conversation = named(&call.server, conversations, &id)?;
    Ok(answer(call, &conversation.object(&id)))
}

/// `POST /v1/conversations/{id}`: other metadata.
pub(in crate::api::openai) async fn update(
    call: &mut RequestContext,
    conversations: &Conversations,
) -> Result<Response, Problem> {
    let id = call.name().await?;
    let body = call.body().await?;
    let raw: RawUpdate = json::read(&body)?;
    let metadata = raw.metadata.unwrap_or_default();
    bounds::metadata(&metadata)?;
    let change = |conversation: &StoredConversation| conversation.with_metadata(metadata.clone());
    let updated = match conversations.update(&id, StoredConversation::bytes, change) {
        Some(updated) => updated,
        None => Arc::new(named(&call.server, conversations, &id)?.with_metadata(metadata)),
    };
    Ok(answer(call, &updated.object(&id)))
}

/// `DELETE /v1/conversations/{id}`.
pub(in crate::api::openai) async fn delete(
    call: &mut RequestContext,
    conversations: &Conversations,
) -> Result<Response, Problem> {
    let id = call.name().await?;
    named(&call.server, conversations, &id)?;
    conversations.remove(&id);
    Ok(answer(call, &json!({"id": id, "object": "conversation.deleted", "deleted": true})))
}

/// `POST /v1/conversations/{id}/items`.
pub(in crate::api::openai) async fn add_items(
    call: &mut RequestContext,
    conversations: &Conversations,
) -> Result<Response, Problem> {
    let id = call.name().await?;
    let body = call.body().await?;
    let raw: RawItems<'_> = json::read(&body)?;
    let items = read_items(&call.server.ids.next(), raw.items, &call.server.counter)?;
    named(&call.server, conversations, &id)?.check_room(items.len())?;
    let change = |conversation: &StoredConversation| conversation.with_items(&items);
    conversations.update(&id, StoredConversation::bytes, change);
    Ok(answer(call, &paging::list(&items, Remaining::None)))
}

/// `GET /v1/conversations/{id}/items`.
pub(in crate::api::openai) async fn list_items(
    call: &mut RequestContext,
    conversations: &Conversations,
) -> Result<Response, Problem> {
    let (id, query) = (call.name().await?, call.query().await?);
    let conversation = named(&call.server, conversations, &id)?;
    let unknown_ids = call.server.config.models.unknown_ids;
    large_answer(call, conversation.bytes(), move || {
        let wanted = paging::wanted(&query, Order::NewestFirst)?;
        let page = paging::known_part(conversation.items(), wanted, unknown_ids);
        let (items, rest) = page.ok_or_else(|| unknown_item(wanted.after.unwrap_or_default()))?;
        Ok(paging::list(&items, rest))
    })
    .await
}

/// `GET /v1/conversations/{id}/items/{item_id}`.
pub(in crate::api::openai) async fn retrieve_item(
    call: &mut RequestContext,
    conversations: &Conversations,
) -> Result<Response, Problem> {
    let (id, item_id) = call.names().await?;
    let conversation = named(&call.server, conversations, &id)?;
    let item = match (conversation.item(&item_id), call.server.config.models.unknown_ids) {
        (Some(item), _) => item,
        (None, UnknownIds::Synthesize) => made_up_item(&item_id).to_string().into(),
        (None, UnknownIds::Reject) => return Err(unknown_item(&item_id)),
    };
    large_answer(call, item.len(), move || Ok(serde_json::from_str(&item).unwrap_or_default())).await
}

/// `DELETE /v1/conversations/{id}/items/{item_id}`.
pub(in crate::api::openai) async fn delete_item(
    call: &mut RequestContext,
    conversations: &Conversations,
) -> Result<Response, Problem> {
    let (id, item_id) = call.names().await?;
    let conversation = named(&call.server, conversations, &id)?;
    if conversation.item(&item_id).is_none() && call.server.config.models.unknown_ids == UnknownIds::Reject {
        return Err(unknown_item(&item_id));
    }
    let change = |conversation: &StoredConversation| conversation.without_item(&item_id);
    conversations.update(&id, StoredConversation::bytes, change);
    Ok(answer(call, &conversation.object(&id)))
}

/// Returns the conversation of that id, or a made-up one if the settings allow it.
pub(super) fn named(
    server: &ServerContext,
    conversations: &Conversations,
    id: &str,
) -> Result<Arc<StoredConversation>, Problem> {
    match (conversations.get(id), server.config.models.unknown_ids) {
        (Some(conversation), _) => Ok(conversation),
        (None, UnknownIds::Synthesize) => {
            let made_up = StoredConversation::new(now(), BTreeMap::new());
            Ok(Arc::new(made_up.with_items(&[made_up_item("msg_1")])))
        }
        (None, UnknownIds::Reject) => {
            let message = format!("Conversation with id '{id}' not found.");
            let problem = Problem::new(ProblemKind::NotFound, message);
            Err(Problem { param: Some("conversation_id".to_owned()), code: Some("not_found"), ..problem })
        }
    }
}

/// Reads and checks items; those without an id get one that begins with `key`.
fn read_items(key: &str, raw: &RawValue, counter: &TokenCounter) -> Result<Vec<Value>, Problem> {
    let List::<&RawValue, ITEMS_MAX>(_) = json::read_part("items", raw)?;
    // Their calls and outputs may belong to items that are there already.
    let mut conversation = Conversation { gaps: Gaps::Some, ..Conversation::default() };
    add_input(&mut conversation, raw, counter)?;
    Ok(listed_items(key, raw.get()))
}

fn made_up_item(id: &str) -> Value {
    let content = json!([{"type": "input_text", "text": "Hello"}]);
    json!({"id": id, "type": "message", "role": "user", "status": "completed", "content": content})
}

fn unknown_item(id: &str) -> Problem {
    let problem = Problem::new(ProblemKind::NotFound, format!("Item with id '{id}' not found."));
    Problem { param: Some("item_id".to_owned()), code: Some("not_found"), ..problem }
}
