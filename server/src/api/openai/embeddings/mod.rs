//! `POST /v1/embeddings`.

mod answer;
mod request;

use std::{borrow::Cow, sync::Arc, time::Duration};

use axum::response::Response;
use bytes::Bytes;
use twox_hash::XxHash3_64;
use weir_model::{Content, Profile, Reply};
use weir_pace::Seed;

use self::{answer::EmbeddingsResponse, request::EmbeddingsRequest};
use super::{headers::add_headers, strictness};
use crate::{
    api::generation::{self, Generation},
    request::{Incoming, Problem, RequestContext, json},
};

/// Answers with a vector for each text.
pub(in crate::api) async fn embeddings(call: &mut RequestContext) -> Result<Response, Problem> {
    let (generation, body) = call.read(|incoming| begin(&incoming)).await?;
    let response = generation.plain(call, body).await;
    Ok(add_headers(call, &call.server.ids.next(), response))
}

fn begin(incoming: &Incoming<'_>) -> Result<(Generation, Bytes), Problem> {
    let Incoming { server, body, limit, .. } = *incoming;
    strictness::check_fields(server.config.strictness, body, strictness::EMBEDDINGS)?;
    let mut request = EmbeddingsRequest::read(body, &server.counter)?;
    let model = generation::model_name(incoming, request.model.take().map(Cow::Owned));
    let profile = generation::named_profile(server, model.as_deref())?;
    request.model = model.map(Cow::into_owned);
    request.check_length(profile.context)?;
    let dimensions = dimensions(&request, profile)?;
    let (tokens, hash) = (request.prompt_tokens, XxHash3_64::oneshot(body));
    let seed: Seed = server.config.seed.named("embedding");
    let answer = EmbeddingsResponse { request, seed, profile: Arc::clone(profile), dimensions };
    limit.check(answer.work(), answer.bytes() as u64)?;
    // It takes as long as a first token, without any tokens.
    let reply = Reply { content: Content::new(Vec::new()), delay: Duration::ZERO };
    let reservation = Generation::reserve(incoming, profile, tokens, Some(0))?;
    let generation = Generation::admit(incoming, profile, tokens, hash, reply, reservation)?;
    Ok((generation, answer.write()))
}

fn dimensions(request: &EmbeddingsRequest, profile: &Profile) -> Result<u32, Problem> {
    let full = profile.embedding_dimensions;
    match request.dimensions {
        None => Ok(full),
        Some(requested) if requested <= full => Ok(requested),
        Some(requested) => {
            Err(json::above("dimensions", "integer", &full.to_string(), &requested.to_string()))
        }
    }
}
