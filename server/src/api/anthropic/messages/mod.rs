//! `POST /v1/messages`.

mod answer;
mod frames;

use std::sync::Arc;

use axum::response::Response;

use self::{answer::Head, frames::MessageFrames};
use super::{
    body::wrong,
    cache::PrefixTable,
    dialect::profile,
    headers::add_headers,
    request::{DeliveryKind, Request},
    version::Version,
};
use crate::{
    api::generation::{AcceptedRequest, Encoded, Generation, ResponseForm},
    config::UnknownIds,
    request::{Incoming, Problem, ProblemKind, RequestContext},
};

/// Answers one request.
pub(super) async fn messages(
    call: &mut RequestContext,
    prefixes: &Arc<PrefixTable>,
) -> Result<Response, Problem> {
    let prefixes = Arc::clone(prefixes);
    let accepted = call.read(move |incoming| begin(&incoming, &prefixes)).await?;
    let AcceptedRequest { generation, id, form } = accepted;
    let answer = generation.deliver(call, form).await;
    Ok(add_headers(&id, answer))
}

fn begin(incoming: &Incoming<'_>, prefixes: &PrefixTable) -> Result<AcceptedRequest<MessageFrames>, Problem> {
    let Incoming { server, headers, body, at, log, schemas, .. } = *incoming;
    let request = Request::read(Version::of(headers)?, body)?;
    let max_tokens = request.max_tokens.ok_or_else(|| wrong("max_tokens", "Field required"))?;
    // Where stored objects are invented, so are threads.
    if server.config.models.unknown_ids == UnknownIds::Reject {
        request.refuse_thread()?;
    }
    let profile = profile(server, &request.model)?;
    if let Some(log) = log {
        log.set_model(&request.model);
    }
    let measured = request.measure(&server.counter);
    request.check_schemas(schemas)?;
    let generation_request = request.generation_request(measured.tokens, schemas);
    let encoded = Encoded::of(request.delivery == DeliveryKind::Plain, None);
    let generation =
        Generation::begin(incoming, profile, generation_request, encoded).map_err(|problem| match problem
            .kind
        {
            ProblemKind::ContextLength => too_long(measured.tokens, max_tokens, profile.context),
            _ => problem,
        })?;
    let cached = prefixes.pass(&measured.block_ends, at);
    let id = server.ids.next();
    let content = &generation.lease.content;
    let head = Head::new(&id, &request, measured.tokens, cached, content);
    let form = match request.delivery {
        DeliveryKind::Plain => ResponseForm::Plain(head.plain(content)),
        DeliveryKind::Stream => ResponseForm::Stream(MessageFrames::new(head)),
    };
    Ok(AcceptedRequest { generation, id, form })
}

/// The provider's error for a prompt that leaves no room for the answer.
fn too_long(prompt_tokens: u32, max_tokens: u32, context: u32) -> Problem {
    let message = if prompt_tokens > context {
        format!("prompt is too long: {prompt_tokens} tokens > {context} maximum")
    } else {
        format!(
            "input length and `max_tokens` exceed context limit: {prompt_tokens} + {max_tokens} > {context}, \
             decrease input length or `max_tokens` and try again"
        )
    };
    Problem::new(ProblemKind::ContextLength, message)
}

#[cfg(test)]
mod tests;
