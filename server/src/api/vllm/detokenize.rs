//! `POST /detokenize`.

use axum::response::Response;
use bytes::{Bytes, BytesMut};
use serde::Deserialize;

use crate::api::generation;
use crate::request::{
    Incoming, Problem, RequestContext,
    json::{self, List, Str, write_string},
    json_body,
};

/// Maximum tokens of one request. Some of them have 128 letters.
const TOKENS_MAX: usize = 1 << 20;

#[derive(Deserialize)]
struct RawDetokenize<'a> {
    #[serde(borrow)]
    model: Option<Str<'a>>,
    tokens: List<u32, TOKENS_MAX>,
}

/// Returns the text of tokens.
pub(super) async fn detokenize(call: &mut RequestContext) -> Result<Response, Problem> {
    call.read(|incoming| answer(&incoming)).await.map(json_body)
}

fn answer(incoming: &Incoming<'_>) -> Result<Bytes, Problem> {
    let Incoming { server, body, limit, .. } = *incoming;
    let raw: RawDetokenize<'_> = json::read(body)?;
    generation::profile(server, raw.model.as_deref())?;
    let text = weir_model::decode(&raw.tokens.0);
    limit.check(text.len() as u64, 2 * text.len() as u64)?;
    let mut out = BytesMut::with_capacity(16 + text.len());
    out.extend_from_slice(b"{\"prompt\":");
    write_string(&mut out, &text);
    out.extend_from_slice(b"}");
    Ok(out.freeze())
}
