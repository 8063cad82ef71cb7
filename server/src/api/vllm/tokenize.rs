//! `POST /tokenize`.

use axum::response::Response;
use bytes::{Bytes, BytesMut};
use serde::Deserialize;
use weir_model::{decode, encode, encode_message, encode_message_header};

use crate::{
    api::generation,
    api::openai::{RawMessages, spoken},
    request::{
        Incoming, Problem, RequestContext,
        json::{self, Str, write_number, write_string},
        json_body,
    },
};

#[derive(Deserialize)]
struct RawTokenize<'a> {
    #[serde(borrow)]
    model: Option<Str<'a>>,
    #[serde(borrow)]
    prompt: Option<Str<'a>>,
    #[serde(borrow)]
    messages: Option<RawMessages<'a>>,
    add_generation_prompt: Option<bool>,
    return_token_strs: Option<bool>,
}

/// Whether the text of each token is returned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Texts {
    Wanted,
    NotWanted,
}

/// Returns the tokens of a prompt, or of a conversation: roles and texts in the chat format. Parts other than text have
/// none.
pub(super) async fn tokenize(call: &mut RequestContext) -> Result<Response, Problem> {
    call.read(|incoming| answer(&incoming)).await.map(json_body)
}

fn answer(incoming: &Incoming<'_>) -> Result<Bytes, Problem> {
    let Incoming { server, body, limit, .. } = *incoming;
    let raw: RawTokenize<'_> = json::read(body)?;
    let profile = generation::profile(server, raw.model.as_deref())?;
    let tokens = match (raw.prompt, raw.messages) {
        (Some(Str(prompt)), None) => encode(&prompt),
        (None, Some(messages)) => {
            let said = spoken(messages, &server.counter)?;
            let next = raw.add_generation_prompt.unwrap_or(true).then(|| encode_message_header("assistant"));
            said.iter().map(|said| encode_message(&said.role, &said.text)).chain(next).flatten().collect()
        }
        (None, None) => return Err(json::missing("prompt")),
        (Some(_), Some(_)) => {
            let message = "Only one of 'prompt' and 'messages' can be tokenized.".to_owned();
            return Err(Problem::field("messages", "invalid_value", message));
        }
    };
    let texts = if raw.return_token_strs == Some(true) { Texts::Wanted } else { Texts::NotWanted };
    let bytes_per_token = match texts {
        Texts::Wanted => 32,
        Texts::NotWanted => 12,
    };
    let count = tokens.len() as u64;
    limit.check(count, bytes_per_token * count)?;
    Ok(write(&tokens, profile.context, texts))
}

fn write(tokens: &[u32], context: u32, texts: Texts) -> Bytes {
    let mut out = BytesMut::with_capacity(64 + 8 * tokens.len());
    out.extend_from_slice(b"{\"count\":");
    write_number(&mut out, tokens.len() as u64);
    out.extend_from_slice(b",\"max_model_len\":");
    write_number(&mut out, context.into());
    out.extend_from_slice(b",\"tokens\":");
    write_list(&mut out, tokens, |out, token| write_number(out, token.into()));
    out.extend_from_slice(b",\"token_strs\":");
    match texts {
        Texts::Wanted => write_list(&mut out, tokens, |out, token| write_string(out, &decode(&[token]))),
        Texts::NotWanted => out.extend_from_slice(b"null"),
    }
    out.extend_from_slice(b"}");
    out.freeze()
}

fn write_list(out: &mut BytesMut, tokens: &[u32], write: impl Fn(&mut BytesMut, u32)) {
    let mut before: &[u8] = b"[";
    for token in tokens {
        out.extend_from_slice(before);
        write(out, *token);
        before = b",";
    }
    out.extend_from_slice(if tokens.is_empty() { b"[]" } else { b"]" });
}
