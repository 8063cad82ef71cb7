//! `POST /v1/responses/compact`.

use std::sync::Arc;

use axum::response::Response;
use bytes::{Bytes, BytesMut};
use weir_model::{Effort, GenerationRequest, Reasoning};

use super::{
    answer::{Counts, write_usage},
    create::{conversation, of_input},
    request::RawRequest,
    stored::StoredResponse,
};
use crate::{
    api::{
        generation::{self, Encoded, Generation},
        openai::{headers::add_headers, identity::now, store::Store},
    },
    request::{
        Incoming, Problem, RequestContext,
        json::{self, write_number},
    },
};

/// Tokens of a compacted conversation.
const COMPACTED_TOKENS: u32 = 64;

/// Compacts a conversation to one item that only the provider can read.
pub(in crate::api::openai) async fn compact(
    call: &mut RequestContext,
    store: &Arc<Store<StoredResponse>>,
) -> Result<Response, Problem> {
    let store = Arc::clone(store);
    let (generation, key, body) = call.read(move |incoming| begin(&incoming, &store)).await?;
    let answer = generation.plain(call, body).await;
    Ok(add_headers(call, &key, answer))
}

fn begin(
    incoming: &Incoming<'_>,
    store: &Store<StoredResponse>,
) -> Result<(Generation, String, Bytes), Problem> {
    let Incoming { server, body, schemas, .. } = *incoming;
    let request = RawRequest::read(body)?;
    request.check()?;
    let model = request.model.as_deref().ok_or_else(|| json::missing("model"))?;
    let profile = generation::profile(server, Some(model))?;
    let conversation = conversation(server, store, &request, None)?;
    let request = request.generation_request(&conversation, schemas, &server.counter)?;
    let generation_request = GenerationRequest {
        prompt_tokens: request.prompt_tokens,
        max_tokens: Some(COMPACTED_TOKENS),
        reasoning: Reasoning::None,
        effort: Some(Effort::None),
        ..GenerationRequest::default()
    };
    let generation =
        Generation::begin(incoming, profile, generation_request, Encoded::Text).map_err(of_input)?;
    let key = server.ids.next();
    let counts = Counts::of(&generation.lease.content);
    let body = object(&key, now(), generation.prompt_tokens, counts);
    Ok((generation, key, body))
}

fn object(key: &str, created: u64, input_tokens: u32, counts: Counts) -> Bytes {
    let mut out = BytesMut::with_capacity(512);
    out.extend_from_slice(b"{\"id\":\"resp_");
    out.extend_from_slice(key.as_bytes());
    out.extend_from_slice(b"\",\"object\":\"response.compaction\",\"created_at\":");
    write_number(&mut out, created);
    out.extend_from_slice(b",\"output\":[{\"id\":\"cmp_");
    out.extend_from_slice(key.as_bytes());
    out.extend_from_slice(b"\",\"type\":\"compaction\",\"encrypted_content\":\"gAAAAA");
    out.extend_from_slice(key.as_bytes());
    out.extend_from_slice(b"\"}],\"usage\":");
    write_usage(&mut out, (input_tokens, 0), counts);
    out.extend_from_slice(b"}");
    out.freeze()
}
