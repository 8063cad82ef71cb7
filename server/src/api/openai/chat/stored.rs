//! Stored chat answers.

mod chat;

use std::{collections::BTreeMap, sync::Arc};

use axum::response::Response;
use serde::Deserialize;
use serde_json::json;

pub(in crate::api::openai) use self::chat::StoredChat;
use crate::{
    api::openai::{
        bounds,
        headers::{answer, large_answer},
        paging::{self, Query},
        store::{Order, Page, Remaining, Store},
    },
    config::UnknownIds,
    request::{Problem, ProblemKind, RequestContext, json},
};

/// The prefix of metadata filters in a query.
const METADATA: &str = "metadata[";

#[derive(Deserialize)]
struct RawUpdate {
    metadata: Option<BTreeMap<String, String>>,
}

/// `GET /v1/chat/completions`.
pub(in crate::api) async fn list(
    call: &mut RequestContext,
    chats: &Store<StoredChat>,
) -> Result<Response, Problem> {
    let query = call.query().await?;
    let wanted = paging::wanted(&query, Order::OldestFirst)?;
    let matches = |chat: &StoredChat| matches_query(&query, chat);
    let page = match (chats.page(wanted, matches), call.server.config.models.unknown_ids) {
        (Some(page), _) => page,
        (None, UnknownIds::Synthesize) => Page { values: Vec::new(), rest: Remaining::None },
        (None, UnknownIds::Reject) => return Err(unknown("after", wanted.after.unwrap_or_default())),
    };
    let bytes = page.values.iter().map(|chat| chat.bytes()).sum();
    large_answer(call, bytes, move || {
        let elements: Vec<_> = page.values.iter().map(|chat| chat.object()).collect();
        Ok(paging::list(&elements, page.rest))
    })
    .await
}

/// `GET /v1/chat/completions/{completion_id}`.
pub(in crate::api) async fn retrieve(
    call: &mut RequestContext,
    chats: &Store<StoredChat>,
) -> Result<Response, Problem> {
    let id = call.name().await?;
    let chat = chats.get(&id).map_or_else(|| made_up(call, &id).map(Arc::new), Ok)?;
    large_answer(call, chat.bytes(), move || Ok(chat.object())).await
}

/// `POST /v1/chat/completions/{completion_id}`: other metadata.
pub(in crate::api) async fn update(
    call: &mut RequestContext,
    chats: &Store<StoredChat>,
) -> Result<Response, Problem> {
    let id = call.name().await?;
    let body = call.body().await?;
    let raw: RawUpdate = json::read(&body)?;
    let metadata = raw.metadata.unwrap_or_default();
    bounds::metadata(&metadata)?;
    let updated = chats.update(&id, StoredChat::bytes, |chat| chat.with_metadata(metadata.clone()));
    let made_up = || made_up(call, &id).map(|chat| Arc::new(chat.with_metadata(metadata)));
    let chat = updated.map_or_else(made_up, Ok)?;
    large_answer(call, chat.bytes(), move || Ok(chat.object())).await
}

/// `DELETE /v1/chat/completions/{completion_id}`.
pub(in crate::api) async fn delete(
    call: &mut RequestContext,
    chats: &Store<StoredChat>,
) -> Result<Response, Problem> {
    let id = call.name().await?;
    if chats.remove(&id).is_none() {
        made_up(call, &id)?;
    }
    Ok(answer(call, &json!({"object": "chat.completion.deleted", "id": id, "deleted": true})))
}

/// `GET /v1/chat/completions/{completion_id}/messages`.
pub(in crate::api) async fn messages(
    call: &mut RequestContext,
    chats: &Store<StoredChat>,
) -> Result<Response, Problem> {
    let id = call.name().await?;
    let query = call.query().await?;
    paging::wanted(&query, Order::OldestFirst)?;
    let chat = chats.get(&id).map_or_else(|| made_up(call, &id).map(Arc::new), Ok)?;
    large_answer(call, chat.bytes(), move || {
        let wanted = paging::wanted(&query, Order::OldestFirst)?;
        let page = paging::part(chat.messages(&id), wanted);
        let (elements, rest) = page.ok_or_else(|| unknown("after", wanted.after.unwrap_or_default()))?;
        Ok(paging::list(&elements, rest))
    })
    .await
}

/// Returns a made-up answer of that id, if the settings allow it.
fn made_up(call: &RequestContext, id: &str) -> Result<StoredChat, Problem> {
    match call.server.config.models.unknown_ids {
        UnknownIds::Synthesize => Ok(StoredChat::made_up(id, &call.server.config.models.default)),
        UnknownIds::Reject => Err(unknown("completion_id", id)),
    }
}

fn unknown(param: &str, id: &str) -> Problem {
    let message =
        format!("Chat completion not found: '{id}'. Only those made with 'store' are kept, for a while.");
    let problem = Problem::new(ProblemKind::NotFound, message);
    Problem { param: Some(param.to_owned()), code: Some("not_found"), ..problem }
}

/// Whether an answer has the model and the metadata of a query.
fn matches_query(query: &Query, chat: &StoredChat) -> bool {
    let of_model = query.get("model").is_none_or(|model| chat.model() == model);
    let mut metadata = query.iter().filter_map(|(key, value)| {
        let key = key.strip_prefix(METADATA)?.strip_suffix(']')?;
        Some((key, value))
    });
    of_model && metadata.all(|(key, value)| chat.metadata.get(key) == Some(value))
}
