//! `POST /v1/chat/completions`.

use std::time::{SystemTime, UNIX_EPOCH};

use axum::response::Response;
use bytes::Bytes;
use weir_model::Ask;

use super::{
    answer::Head,
    frames::ChatFrames,
    headers::add_headers,
    request::{ChatRequest, DeliveryKind},
};
use crate::api::{
    Call, Problem,
    call::Incoming,
    generation::{self, Generation},
};

/// A request that was understood and admitted.
struct Begun {
    generation: Generation,
    id: String,
    form: Form,
}

/// How the answer is delivered.
enum Form {
    /// Written before its instant, and handed over at it.
    Plain(Bytes),
    Stream(ChatFrames),
}

/// Answers one chat request.
pub(in crate::api) async fn chat(call: &mut Call) -> Result<Response, Problem> {
    let Begun { generation, id, form } = call.read(|incoming| begin(&incoming)).await?;
    Ok(match form {
        Form::Plain(body) => {
            let answer = generation.plain(&call.app.clock, call.arrival.at, body).await;
            add_headers(call, &id, answer)
        }
        Form::Stream(frames) => add_headers(call, &id, generation.stream(call, frames)),
    })
}

fn begin(incoming: &Incoming<'_>) -> Result<Begun, Problem> {
    let Incoming { app, body, .. } = *incoming;
    let request = ChatRequest::read(body, &app.counter)?;
    let profile = generation::profile(app, request.model.as_deref())?;
    let ask = Ask { prompt_tokens: request.prompt_tokens, max_tokens: request.max_tokens, ..Ask::default() };
    let generation = Generation::begin(incoming, profile, ask)?;
    let id = app.ids.next();
    let head = Head {
        id: id.clone(),
        created: SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs()),
        model: request.model.unwrap_or_else(|| profile.name.to_string()),
        prompt_tokens: request.prompt_tokens,
    };
    let form = match request.delivery {
        DeliveryKind::Plain => Form::Plain(head.plain(&generation.lease.content)),
        DeliveryKind::Stream { usage } => Form::Stream(ChatFrames::new(head, usage)),
    };
    Ok(Begun { generation, id, form })
}
