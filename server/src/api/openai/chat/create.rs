//! `POST /v1/chat/completions`.

use axum::response::Response;
use bytes::Bytes;
use twox_hash::XxHash3_64;

use super::{
    frames::ChatFrames,
    head::{Head, Tokens},
    request::{ChatRequest, Keep},
    stored::StoredChat,
};
use crate::api::{
    Call, Problem,
    call::Incoming,
    generation::{self, Generation},
    openai::{bounds::one_piece, headers::add_headers, identity::Identity, odds::Odds, sampling::Delivery},
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
pub(in crate::api) async fn create(call: &mut Call) -> Result<Response, Problem> {
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
    let request = ChatRequest::read(body, &app.counter, app.speaker.schemas())?;
    let ChatRequest { model, ask, audio_tokens, calls, logprobs, service_tier, delivery, keep } = request;
    let profile = generation::profile(app, model.as_deref())?;
    let generation = Generation::begin(incoming, profile, ask)?;
    let id = app.ids.next();
    let content = &generation.lease.content;
    let head = Head {
        identity: Identity::new(id.clone(), model.as_deref().unwrap_or(&profile.name).to_owned()),
        service_tier,
        tokens: Tokens {
            prompt: generation.prompt_tokens,
            audio: audio_tokens,
            reasoning: content.reasoning_count(),
        },
        calls,
        odds: logprobs.map(|top| Odds { seed: app.config.seed.derive(XxHash3_64::oneshot(body)), top }),
    };
    if delivery == Delivery::Plain || keep != Keep::No {
        one_piece(content, head.odds.as_ref())?;
    }
    if let Keep::With(metadata) = keep {
        let answer = head.plain(content);
        let (stored, bytes) = StoredChat::new(body, &answer, &head.identity.model, metadata)?;
        app.openai.chats.insert(&format!("chatcmpl-{id}"), stored, bytes);
    }
    let form = match delivery {
        Delivery::Plain => Form::Plain(head.plain(content)),
        Delivery::Stream(usage) => Form::Stream(ChatFrames::new(head, usage)),
    };
    Ok(Begun { generation, id, form })
}
