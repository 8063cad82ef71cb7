//! `POST /v1/responses`, and what it would cost: `POST /v1/responses/input_tokens`.

use std::sync::Arc;

use axum::response::Response;
use bytes::Bytes;
use serde_json::{json, value::RawValue};
use weir_model::{GenerationRequest, Profile, ToolInput};

use super::{
    answer::{Head, Status},
    echo::echo,
    frames::ResponseFrames,
    input::add_input,
    items::{Items, Summaries, Thoughts},
    kept::{Ground, Kept},
    request::{Include, RawRequest, Truncation},
    talk::Talk,
};
use crate::{
    api::{
        generation::{self, Generation},
        openai::{
            headers::{add_headers, answer},
            identity::since_1970,
            store::Store,
        },
    },
    config::UnknownIds,
    context::ServerContext,
    request::{Incoming, Problem, ProblemKind, RequestContext, json_body},
};

/// A request that was understood and admitted.
struct AcceptedRequest {
    generation: Generation,
    head: Arc<Head>,
    form: ResponseForm,
}

/// How the answer is delivered.
enum ResponseForm {
    /// Written before its instant, and handed over at it.
    Plain(Bytes),
    Stream(ResponseFrames),
    /// Nobody waits for it.
    Background,
}

/// Answers one request.
pub(in crate::api::openai) async fn create(
    call: &mut RequestContext,
    store: &Arc<Store<Kept>>,
) -> Result<Response, Problem> {
    let store = Arc::clone(store);
    let accepted = call.read(move |incoming| begin(&incoming, &store)).await?;
    let AcceptedRequest { generation, head, form } = accepted;
    let answer = match form {
        ResponseForm::Plain(body) => generation.plain(call, body).await,
        ResponseForm::Stream(frames) => generation.stream(call, frames),
        ResponseForm::Background => json_body(head.object(Status::Queued, &generation.lease.content)),
    };
    Ok(add_headers(call, &head.items.key, answer))
}

/// How many tokens a request has.
pub(in crate::api::openai) async fn input_tokens(
    call: &mut RequestContext,
    store: &Arc<Store<Kept>>,
) -> Result<Response, Problem> {
    let store = Arc::clone(store);
    let count = call.read(move |Incoming { server, body, .. }| {
        let request = RawRequest::read(body)?;
        request.check()?;
        let talk = talk(server, &store, &request)?;
        request.ask(&talk, server.planner.schemas(), &server.counter).map(|ask| ask.prompt_tokens)
    });
    let count = count.await?;
    Ok(answer(call, &json!({"object": "response.input_tokens", "input_tokens": count})))
}

fn begin(incoming: &Incoming<'_>, store: &Store<Kept>) -> Result<AcceptedRequest, Problem> {
    let Incoming { server, body, at, .. } = *incoming;
    let request = RawRequest::read(body)?;
    request.check()?;
    let profile = generation::profile(server, request.model.as_deref())?;
    let mut talk = talk(server, store, &request)?;
    let mut ask = request.ask(&talk, server.planner.schemas(), &server.counter)?;
    if request.truncation == Some(Truncation::Auto) {
        truncate(&mut ask, profile);
    }
    let echo = echo(&request, request.model.as_deref().unwrap_or(&profile.name))?;
    let items = items(server, &request, &ask);
    let generation = Generation::begin(incoming, profile, ask).map_err(of_input)?;
    let created = since_1970();
    let took = generation.lease.schedule.end().saturating_duration_since(at);
    let head = Arc::new(Head {
        id: format!("resp_{}", items.key),
        created: created.as_secs(),
        completed: created.saturating_add(took).as_secs(),
        input_tokens: generation.prompt_tokens,
        items,
        echo,
    });
    let ground = if request.background == Some(true) { Ground::Back } else { Ground::Fore };
    let content = &generation.lease.content;
    if request.store != Some(false) {
        talk.add_content(&head.items.key, content, &server.counter);
        let input = request.input.map_or("[]", RawValue::get).into();
        let kept = Kept::new(Arc::clone(&head), &generation.lease, ground, input, talk.into_owned());
        let bytes = kept.bytes();
        store.insert(&head.id, kept, bytes);
    }
    let form = match (request.stream, ground) {
        (Some(true), Ground::Fore) => {
            ResponseForm::Stream(ResponseFrames::new(Arc::clone(&head), content, Status::InProgress, 0))
        }
        (Some(true), Ground::Back) => {
            ResponseForm::Stream(ResponseFrames::new(Arc::clone(&head), content, Status::Queued, 0))
        }
        (Some(false) | None, Ground::Fore) => {
            ResponseForm::Plain(head.object(Status::Ended(content.finish()), content))
        }
        (Some(false) | None, Ground::Back) => ResponseForm::Background,
    };
    Ok(AcceptedRequest { generation, head, form })
}

/// What was said up to the request's own input.
pub(super) fn talk<'a>(
    server: &ServerContext,
    store: &Store<Kept>,
    request: &RawRequest<'a>,
) -> Result<Talk<'a>, Problem> {
    let mut talk = match &request.previous_response_id {
        Some(id) => previous(server, store, id)?,
        None => Talk::default(),
    };
    if let Some(input) = request.input {
        add_input(&mut talk, input, &server.counter)?;
    }
    Ok(talk)
}

fn previous(server: &ServerContext, store: &Store<Kept>, id: &str) -> Result<Talk<'static>, Problem> {
    match (store.get(id), server.config.models.unknown_ids) {
        (Some(kept), _) => Ok(kept.talk.clone()),
        (None, UnknownIds::Synthesize) => Ok(Talk::default()),
        (None, UnknownIds::Reject) => {
            let message = format!("Previous response with id '{id}' not found.");
            Err(Problem::field("previous_response_id", "previous_response_not_found", message))
        }
    }
}

/// Drops as much of the prompt as does not fit: the oldest items are left out by the provider.
fn truncate(ask: &mut GenerationRequest<'_>, profile: &Profile) {
    let room = profile.context.saturating_sub(ask.max_tokens.unwrap_or(1));
    ask.prompt_tokens = ask.prompt_tokens.min(room);
}

fn items(server: &ServerContext, request: &RawRequest<'_>, ask: &GenerationRequest<'_>) -> Items {
    let include = request.include.as_deref().unwrap_or_default();
    let custom = ask.tools.iter().filter(|tool| tool.input == ToolInput::Text);
    Items {
        key: server.ids.next().into(),
        summaries: if request.summary().is_some() { Summaries::Wanted } else { Summaries::NotWanted },
        thoughts: match include.contains(&Include::EncryptedReasoning) {
            true => Thoughts::Encrypted,
            false => Thoughts::Kept,
        },
        custom: custom.map(|tool| (*tool.name).into()).collect(),
    }
}

/// What is said of messages elsewhere is said of the input here.
pub(super) fn of_input(problem: Problem) -> Problem {
    if problem.kind == ProblemKind::ContextLength {
        return Problem { param: Some("input".to_owned()), ..problem };
    }
    problem
}
