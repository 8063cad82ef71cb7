//! `POST /tokenize`.

use std::iter;

use axum::response::Response;
use serde::Deserialize;
use serde_json::json;
use weir_model::{decode, encode, encode_message, encode_speaker};

use crate::api::{
    Call, Problem,
    call::{Incoming, json_answer},
    generation,
    json::{self, List, Object, Str},
    openai::MessageContent,
};

const MESSAGES_MAX: usize = 16_384;

#[derive(Deserialize)]
#[serde(expecting = "a text to tokenize, a JSON object")]
struct RawTokenize<'a> {
    #[serde(borrow)]
    model: Option<Str<'a>>,
    #[serde(borrow)]
    prompt: Option<Str<'a>>,
    #[serde(borrow)]
    messages: Option<List<Object<RawMessage<'a>>, MESSAGES_MAX>>,
    add_generation_prompt: Option<bool>,
    return_token_strs: Option<bool>,
}

#[derive(Deserialize)]
#[serde(expecting = "a message, a JSON object")]
struct RawMessage<'a> {
    #[serde(borrow)]
    role: Str<'a>,
    #[serde(borrow, default)]
    content: MessageContent<'a>,
}

/// The tokens of a prompt, or of a conversation as chat counts them.
pub(super) async fn tokenize(call: &mut Call) -> Result<Response, Problem> {
    call.read(|incoming| answer(&incoming)).await.map(|answer| json_answer(&answer))
}

fn answer(incoming: &Incoming<'_>) -> Result<serde_json::Value, Problem> {
    let raw: RawTokenize<'_> = json::read(incoming.body)?;
    let model = raw.model.as_deref().map_or(&*incoming.app.config.models.default, |model| model);
    let profile = generation::profile(incoming.app, Some(model))?;
    let tokens = match (raw.prompt, raw.messages) {
        (Some(Str(prompt)), None) => encode(&prompt),
        (None, Some(List(messages))) => of_messages(messages, raw.add_generation_prompt.unwrap_or(true)),
        (None, None) => return Err(json::missing("prompt")),
        (Some(_), Some(_)) => {
            let message = "Only one of 'prompt' and 'messages' can be tokenized.".to_owned();
            return Err(Problem::field("messages", "invalid_value", message));
        }
    };
    let strings: Option<Vec<String>> = raw
        .return_token_strs
        .unwrap_or(false)
        .then(|| tokens.iter().map(|token| decode(&[*token])).collect());
    Ok(json!({
        "count": tokens.len(),
        "max_model_len": profile.context,
        "tokens": tokens,
        "token_strs": strings,
    }))
}

fn of_messages(messages: Vec<Object<RawMessage<'_>>>, is_answer_next: bool) -> Vec<u32> {
    let said = messages
        .into_iter()
        .map(|Object(RawMessage { role, content })| encode_message(&role, &content.into_text()));
    let next = is_answer_next.then(|| encode_speaker("assistant"));
    said.chain(iter::once(next.unwrap_or_default())).flatten().collect()
}
