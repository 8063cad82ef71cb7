//! `POST /v1/responses`, and its token count: `POST /v1/responses/input_tokens`.

use std::sync::{Arc, OnceLock};

use axum::response::Response;
use bytes::Bytes;
use serde_json::{Value, json, value::RawValue};
use weir_model::{Content, GenerationRequest, Profile, ToolInput};

use super::{
    answer::{Head, Status},
    conversation::{Conversation, Gaps},
    conversations::{self, Conversations},
    echo::echo,
    frames::ResponseFrames,
    input::add_input,
    input_items::listed_items,
    items::{Items, ReasoningContent, Summaries},
    request::{Include, RawRequest, Truncation},
    stored::{Execution, StoredResponse},
    stored_conversation::StoredConversation,
};
use crate::{
    api::{
        generation::{self, Encoded, Generation},
        openai::{
            bounds::one_piece,
            headers::{add_headers, answer},
            identity::since_1970,
            logprobs::Logprobs,
            prompt_cache::{PromptCache, in_steps},
            store::Store,
            strictness::check_response_fields,
        },
    },
    config::{Strictness, UnknownIds},
    context::ServerContext,
    request::{Incoming, Problem, ProblemKind, RequestContext, json_body},
};

/// What requests continue, and where answers are stored.
#[derive(Clone, Debug)]
pub(in crate::api::openai) struct Stores {
    pub(in crate::api::openai) responses: Arc<Store<StoredResponse>>,
    pub(in crate::api::openai) conversations: Arc<Conversations>,
}

/// An accepted request.
struct AcceptedRequest {
    generation: Generation,
    head: Arc<Head>,
    form: ResponseForm,
}

/// How the answer is delivered.
enum ResponseForm {
    /// One piece: encoded in advance, and sent at its deadline.
    Plain(Bytes),
    /// One piece that is encoded at its end, which is not planned.
    PlainAtEnd,
    Stream(Box<ResponseFrames>),
    /// In the background.
    Background,
}

/// Answers one request.
pub(in crate::api::openai) async fn create(
    call: &mut RequestContext,
    stores: Stores,
    cache: &Arc<PromptCache>,
) -> Result<Response, Problem> {
    let cache = Arc::clone(cache);
    let accepted = call.read(move |incoming| begin(&incoming, &stores, &cache)).await?;
    let AcceptedRequest { generation, head, form } = accepted;
    let answer = match form {
        ResponseForm::Plain(body) => generation.plain(call, body).await,
        ResponseForm::PlainAtEnd => {
            let head = Arc::clone(&head);
            let encode = move |content: &Content| {
                head.set_completed();
                head.object(Status::Ended(content.finish()), content)
            };
            generation.plain_at_end(call, encode).await
        }
        ResponseForm::Stream(frames) => generation.stream(call, *frames),
        ResponseForm::Background => {
            json_body(head.object(Status::Queued, &generation.in_background(&call.server.clock)))
        }
    };
    Ok(add_headers(call, &head.items.key, answer))
}

/// Returns the number of tokens of a request.
pub(in crate::api::openai) async fn input_tokens(
    call: &mut RequestContext,
    stores: Stores,
) -> Result<Response, Problem> {
    let count = call.read(move |incoming| {
        let Incoming { server, body, schemas, .. } = incoming;
        let request = RawRequest::read(body)?;
        request.check()?;
        let earlier = earlier_items(&incoming, &stores.conversations, &request)?;
        let conversation = conversation(server, &stores.responses, &request, earlier.as_deref())?;
        request
            .generation_request(&conversation, schemas, &server.counter)
            .map(|generation_request| generation_request.prompt_tokens)
    });
    let count = count.await?;
    Ok(answer(call, &json!({"object": "response.input_tokens", "input_tokens": count})))
}

fn begin(incoming: &Incoming<'_>, stores: &Stores, cache: &PromptCache) -> Result<AcceptedRequest, Problem> {
    let store = &*stores.responses;
    let Incoming { server, body, at, schemas, .. } = *incoming;
    let request = RawRequest::read(body)?;
    request.check()?;
    request.check_input()?;
    check_response_fields(server.config.strictness, body)?;
    if server.config.strictness == Strictness::Provider {
        request.check_model()?;
    }
    let profile = generation::profile(server, request.model.as_deref())?;
    if let (Some(log), Some(model)) = (incoming.log, &request.model) {
        log.set_model(model);
    }
    let previous_tokens = previous_tokens(store, &request);
    let earlier = earlier_items(incoming, &stores.conversations, &request)?;
    let mut conversation = conversation(server, store, &request, earlier.as_deref())?;
    let mut generation_request = request.generation_request(&conversation, schemas, &server.counter)?;
    if request.truncation == Some(Truncation::Auto) {
        truncate(&mut generation_request, profile);
    }
    let echo = echo(&request, request.model.as_deref().unwrap_or(&profile.name))?;
    let mut items = items(server, &request, &generation_request);
    // The text of a stored answer is added to its conversation.
    let is_whole = request.stream != Some(true) || request.store != Some(false) || earlier.is_some();
    let encoded = Encoded::of(is_whole, request.logprobs());
    let generation = Generation::begin(incoming, profile, generation_request, encoded).map_err(of_input)?;
    items.logprobs =
        request.logprobs().map(|top| Logprobs { seed: server.config.seed.derive(generation.body), top });
    one_piece(&generation.lease.content, items.logprobs.as_ref())?;
    let created = since_1970();
    let end = generation.lease.schedule.end();
    let completed = end.map(|end| created.saturating_add(end.saturating_duration_since(at)).as_secs());
    let head = Arc::new(Head {
        id: format!("resp_{}", items.key),
        created: created.as_secs(),
        completed: completed.map_or_else(OnceLock::new, OnceLock::from),
        input_tokens: generation.prompt_tokens,
        cached_tokens: match (generation.lease.cached_tokens, previous_tokens) {
            (Some(tokens), _) => tokens,
            (None, 0) => cache.pass(&profile.name, body, generation.prompt_tokens, at),
            // The previous response has cached what precedes this one.
            (None, tokens) => in_steps(tokens),
        },
        items,
        echo,
    });
    let execution =
        if request.background == Some(true) { Execution::Background } else { Execution::Foreground };
    let content = &generation.lease.content;
    if let Some(id) = request.conversation_id()? {
        extend(&stores.conversations, &id, &request, &head, content);
    }
    if request.store != Some(false) {
        conversation.add_content(&head.items.key, content, &head.items.custom, &server.counter);
        let input = request.input.map_or("[]", RawValue::get).into();
        let stored = StoredResponse::new(
            Arc::clone(&head),
            &generation.lease,
            execution,
            input,
            conversation.into_owned(),
        );
        let bytes = stored.bytes();
        store.insert(&head.id, stored, bytes);
    }
    let form = match ResponseForm::new(request.stream == Some(true), execution, &head, content) {
        ResponseForm::Plain(_) if end.is_none() => ResponseForm::PlainAtEnd,
        form => form,
    };
    Ok(AcceptedRequest { generation, head, form })
}

impl ResponseForm {
    fn new(is_streaming: bool, execution: Execution, head: &Arc<Head>, content: &Content) -> Self {
        let stream =
            |status| Self::Stream(Box::new(ResponseFrames::new(Arc::clone(head), content, status, 0)));
        match (is_streaming, execution) {
            (true, Execution::Foreground) => stream(Status::InProgress),
            (true, Execution::Background) => stream(Status::Queued),
            (false, Execution::Foreground) => {
                Self::Plain(head.object(Status::Ended(content.finish()), content))
            }
            (false, Execution::Background) => Self::Background,
        }
    }
}

/// Returns the items of the stored conversation that the request continues.
fn earlier_items(
    incoming: &Incoming<'_>,
    conversations: &Conversations,
    request: &RawRequest<'_>,
) -> Result<Option<Box<RawValue>>, Problem> {
    let Some(id) = request.conversation_id()? else { return Ok(None) };
    let conversation = conversations::named(incoming.server, conversations, &id)?;
    let bytes = conversation.bytes() as u64;
    incoming.limit.check(4 * bytes, 2 * bytes)?;
    Ok(RawValue::from_string(conversation.input()).ok())
}

/// Adds the input of `request` and its answer to the stored conversation `id`.
fn extend(conversations: &Conversations, id: &str, request: &RawRequest<'_>, head: &Head, content: &Content) {
    let mut items = listed_items(&head.items.key, request.input.map_or("[]", RawValue::get));
    let answer = head.object(Status::Ended(content.finish()), content);
    let answer: Value = serde_json::from_slice(&answer).unwrap_or_default();
    items.extend(answer.get("output").and_then(Value::as_array).cloned().unwrap_or_default());
    conversations.update(id, StoredConversation::bytes, |conversation| conversation.with_items(&items));
}

/// Returns the conversation up to the request's input; `earlier` are the items of a stored conversation.
pub(super) fn conversation<'a>(
    server: &ServerContext,
    store: &Store<StoredResponse>,
    request: &RawRequest<'a>,
    earlier: Option<&'a RawValue>,
) -> Result<Conversation<'a>, Problem> {
    let mut conversation = match &request.previous_response_id {
        Some(id) => previous(server, store, id)?,
        None => Conversation::default(),
    };
    if request.conversation.is_some() || request.prompt.is_some() {
        conversation.gaps = Gaps::Some;
    }
    if let Some(earlier) = earlier {
        add_input(&mut conversation, earlier, &server.counter)?;
    }
    if let Some(input) = request.input {
        add_input(&mut conversation, input, &server.counter)?;
    }
    Ok(conversation)
}

/// The tokens of the conversation before the input.
fn previous_tokens(store: &Store<StoredResponse>, request: &RawRequest<'_>) -> u32 {
    let stored = request.previous_response_id.as_deref().and_then(|id| store.get(id));
    stored.map_or(0, |stored| stored.conversation.tokens)
}

fn previous(
    server: &ServerContext,
    store: &Store<StoredResponse>,
    id: &str,
) -> Result<Conversation<'static>, Problem> {
    match (store.get(id), server.config.models.unknown_ids) {
        (Some(stored), _) => Ok(stored.conversation.clone()),
        (None, UnknownIds::Synthesize) => Ok(Conversation { gaps: Gaps::Some, ..Conversation::default() }),
        (None, UnknownIds::Reject) => {
            let message = format!("Previous response with id '{id}' not found.");
            Err(Problem::field("previous_response_id", "previous_response_not_found", message))
        }
    }
}

/// Truncates a prompt that does not fit; the provider drops the oldest items.
fn truncate(generation_request: &mut GenerationRequest<'_>, profile: &Profile) {
    let room = profile.context.saturating_sub(generation_request.max_tokens.unwrap_or(1));
    generation_request.prompt_tokens = generation_request.prompt_tokens.min(room);
}

fn items(
    server: &ServerContext,
    request: &RawRequest<'_>,
    generation_request: &GenerationRequest<'_>,
) -> Items {
    let include = request.include.as_deref().unwrap_or_default();
    let custom = generation_request.tools.iter().filter(|tool| tool.input == ToolInput::Text);
    Items {
        key: server.ids.next().into(),
        summaries: if request.summary().is_some() { Summaries::Wanted } else { Summaries::NotWanted },
        reasoning: match include.contains(&Include::EncryptedReasoning) {
            true => ReasoningContent::Encrypted,
            false => ReasoningContent::Stored,
        },
        custom: custom.map(|tool| (*tool.name).into()).collect(),
        logprobs: None,
    }
}

/// Renames `messages` to `input` in a problem.
pub(super) fn of_input(problem: Problem) -> Problem {
    if problem.kind == ProblemKind::ContextLength {
        return Problem { param: Some("input".to_owned()), ..problem };
    }
    problem
}
