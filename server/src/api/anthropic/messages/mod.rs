//! `POST /v1/messages`.

mod answer;
mod frames;

use axum::response::Response;
use bytes::Bytes;

use self::{answer::Head, frames::MessageFrames};
use super::{
    body::wrong,
    errors::profile,
    headers::add_headers,
    request::{DeliveryKind, Request},
    version::Version,
};
use crate::api::{Call, Problem, call::Incoming, generation::Generation, problem::Kind};

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
    Stream(MessageFrames),
}

/// Answers one request.
pub(super) async fn messages(call: &mut Call) -> Result<Response, Problem> {
    let Begun { generation, id, form } = call.read(|incoming| begin(&incoming)).await?;
    Ok(match form {
        Form::Plain(body) => {
            let answer = generation.plain(&call.app.clock, call.arrival.at, body).await;
            add_headers(&id, answer)
        }
        Form::Stream(frames) => add_headers(&id, generation.stream(call, frames)),
    })
}

fn begin(incoming: &Incoming<'_>) -> Result<Begun, Problem> {
    let Incoming { app, headers, body, at } = *incoming;
    let request = Request::read(Version::of(headers)?, body)?;
    let max_tokens = request.max_tokens.ok_or_else(|| wrong("max_tokens", "Field required"))?;
    let profile = profile(app, &request.model)?;
    let measured = request.measure(&app.counter);
    let ask = request.ask(measured.tokens, app.speaker.schemas());
    let generation = Generation::begin(incoming, profile, ask).map_err(|problem| {
        if problem.kind == Kind::ContextLength {
            return too_long(measured.tokens, max_tokens, profile.context);
        }
        if problem.scripted.is_some() || problem.code.is_some() {
            return problem;
        }
        // All else is the fault of the only schema that must be one.
        wrong("output_config.format.schema", &problem.message)
    })?;
    let cached = app.prompt_prefixes.pass(&measured.marks, at);
    let id = app.ids.next();
    let content = &generation.lease.content;
    let head = Head::new(&id, &request, measured.tokens, cached, content);
    let form = match request.delivery {
        DeliveryKind::Plain => Form::Plain(head.plain(content)),
        DeliveryKind::Stream => Form::Stream(MessageFrames::new(head)),
    };
    Ok(Begun { generation, id, form })
}

/// What the provider says of a prompt that leaves no room for the answer.
fn too_long(prompt_tokens: u32, max_tokens: u32, context: u32) -> Problem {
    let message = if prompt_tokens > context {
        format!("prompt is too long: {prompt_tokens} tokens > {context} maximum")
    } else {
        format!(
            "input length and `max_tokens` exceed context limit: {prompt_tokens} + {max_tokens} > {context}, \
             decrease input length or `max_tokens` and try again"
        )
    };
    Problem::new(Kind::ContextLength, message)
}

#[cfg(test)]
mod tests;
