//! `GET` and `DELETE /v1/responses/{id}`, and `POST /v1/responses/{id}/cancel`.

use std::{collections::BTreeMap, sync::Arc};

use axum::response::Response;
use serde_json::json;
use twox_hash::XxHash3_64;
use weir_model::{Content, Finish, Lease, PlannedTimes, Schedule};

use super::{
    answer::{Head, Status},
    conversation::Conversation,
    echo::echo,
    frames::ResponseFrames,
    items::Items,
    request::RawRequest,
    stored::{Execution, StoredResponse},
};
use crate::{
    api::{
        generation::Encoded,
        openai::{
            headers::{add_headers, answer},
            identity::now,
            store::Store,
        },
    },
    config::UnknownIds,
    context::ServerContext,
    request::{Problem, ProblemKind, RequestContext, json_body},
    token_stream::TokenStream,
};

/// The length of a made-up answer.
const MADE_UP_TOKENS: u32 = 24;
const MADE_UP_INPUT: &str = "\"Hello\"";

/// Returns a stored answer, whole or as a stream.
pub(in crate::api::openai) async fn retrieve(
    call: &mut RequestContext,
    store: &Store<StoredResponse>,
) -> Result<Response, Problem> {
    let (stored, query) = (named(call, store).await?, call.query().await?);
    let Some(from) = stream_from(&query)? else { return encode(call, stored).await };
    let status = stored.status(call.server.clock.now());
    if status == Status::Cancelled {
        let message = "This response cannot be streamed because it was cancelled.".to_owned();
        return Err(Problem::field("stream", "invalid_value", message));
    }
    let opening = match stored.execution {
        Execution::Foreground => Status::InProgress,
        Execution::Background => Status::Queued,
    };
    let frames = ResponseFrames::new(Arc::clone(&stored.head), &stored.content, opening, from);
    let answer = TokenStream::repeat(call, stored.lease(), call.timing(), frames, ());
    Ok(add_headers(call, &call.server.ids.next(), answer))
}

/// Deletes an answer.
pub(in crate::api::openai) async fn delete(
    call: &mut RequestContext,
    store: &Store<StoredResponse>,
) -> Result<Response, Problem> {
    let id = call.name().await?;
    match (store.remove(&id), call.server.config.models.unknown_ids) {
        (Some(_), _) | (None, UnknownIds::Synthesize) => {
            Ok(answer(call, &json!({"id": id, "object": "response", "deleted": true})))
        }
        (None, UnknownIds::Reject) => Err(not_found(&id)),
    }
}

/// Cancels a background answer.
pub(in crate::api::openai) async fn cancel(
    call: &mut RequestContext,
    store: &Store<StoredResponse>,
) -> Result<Response, Problem> {
    let stored = named(call, store).await?;
    match stored.execution {
        Execution::Background => {
            stored.cancel(call.server.clock.now());
            encode(call, stored).await
        }
        Execution::Foreground => {
            let message = "Cannot cancel a synchronous response.".to_owned();
            Err(Problem::invalid(None, message))
        }
    }
}

/// Returns the current response object.
async fn encode(call: &mut RequestContext, stored: Arc<StoredResponse>) -> Result<Response, Problem> {
    let status = stored.status(call.server.clock.now());
    let logprobs = stored.head.items.logprobs.as_ref().map(|logprobs| logprobs.top);
    let bytes = Encoded::of(true, logprobs).bytes(stored.content.token_count().into());
    if matches!(status, Status::Ended(_)) {
        stored.head.set_completed();
    }
    let body = call.produce(bytes, move || Ok(stored.head.object(status, &stored.content))).await?;
    call.shrink_memory(body.len());
    Ok(add_headers(call, &call.server.ids.next(), json_body(body)))
}

/// Returns the answer named by the path.
pub(super) async fn named(
    call: &mut RequestContext,
    store: &Store<StoredResponse>,
) -> Result<Arc<StoredResponse>, Problem> {
    let id = call.name().await?;
    match (store.get(&id), call.server.config.models.unknown_ids) {
        (Some(stored), _) => Ok(stored),
        (None, UnknownIds::Synthesize) => made_up(&call.server, id).map(Arc::new),
        (None, UnknownIds::Reject) => Err(not_found(&id)),
    }
}

fn not_found(id: &str) -> Problem {
    Problem {
        param: Some("id".to_owned()),
        code: Some("not_found"),
        ..Problem::new(ProblemKind::NotFound, format!("Response with id '{id}' not found."))
    }
}

/// Returns a made-up background answer, which can be cancelled.
fn made_up(server: &ServerContext, id: String) -> Result<StoredResponse, Problem> {
    let seed = server.config.seed.derive(XxHash3_64::oneshot(id.as_bytes()));
    let content = Content::natural(seed, MADE_UP_TOKENS, Finish::Stop);
    let schedule = PlannedTimes::at_once(server.clock.now(), content.step_count());
    let lease = Lease { content, schedule: Schedule::Planned(schedule), cached_tokens: None };
    let at = now();
    let request = RawRequest::read(br#"{"background": true}"#)?;
    let head = Head {
        id,
        created: at,
        completed: at.into(),
        input_tokens: 8,
        cached_tokens: 0,
        items: Items { key: format!("{:016x}", seed.get()).into(), ..Items::default() },
        echo: echo(&request, &server.config.models.default)?,
    };
    Ok(StoredResponse::new(
        Arc::new(head),
        &lease,
        Execution::Background,
        MADE_UP_INPUT.into(),
        Conversation::default(),
    ))
}

/// The number of the first requested event, if a stream is requested.
fn stream_from(query: &BTreeMap<String, String>) -> Result<Option<u64>, Problem> {
    match query.get("stream").map(String::as_str) {
        None | Some("false") => return Ok(None),
        Some("true") => {}
        Some(other) => {
            let message =
                format!("Invalid type for 'stream': expected a boolean, but got '{other}' instead.");
            return Err(Problem::field("stream", "invalid_type", message));
        }
    }
    let Some(after) = query.get("starting_after") else { return Ok(Some(0)) };
    match after.parse::<u64>() {
        Ok(after) => Ok(Some(after.saturating_add(1))),
        Err(_) => {
            let message =
                format!("Invalid type for 'starting_after': expected an integer, but got '{after}' instead.");
            Err(Problem::field("starting_after", "invalid_type", message))
        }
    }
}
