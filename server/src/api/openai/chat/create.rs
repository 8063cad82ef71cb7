//! `POST /v1/chat/completions`.

use axum::response::Response;

use super::{
    frames::ChatFrames,
    head::{Head, Tokens},
    request::{ChatRequest, Keep},
    stored::StoredChat,
};
use crate::api::{
    Call, Problem,
    call::Incoming,
    generation::{self, Begun, Form, Generation},
    openai::{bounds::one_piece, headers::add_headers, identity::Identity, odds::Odds, sampling::Delivery},
};

/// Answers one chat request.
pub(in crate::api) async fn create(call: &mut Call) -> Result<Response, Problem> {
    let Begun { generation, id, form } = call.read(|incoming| begin(&incoming)).await?;
    let answer = generation.deliver(call, form).await;
    Ok(add_headers(call, &id, answer))
}

fn begin(incoming: &Incoming<'_>) -> Result<Begun<ChatFrames>, Problem> {
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
        odds: logprobs.map(|top| Odds { seed: app.config.seed.derive(generation.body), top }),
    };
    let whole = |head: &Head| {
        one_piece(content, head.odds.as_ref())?;
        Ok::<_, Problem>(head.plain(content))
    };
    let store = |answer: &[u8], model: &str, metadata| {
        let (stored, bytes) = StoredChat::new(body, answer, model, metadata)?;
        app.openai.chats.insert(&format!("chatcmpl-{id}"), stored, bytes);
        Ok::<_, Problem>(())
    };
    let form = match delivery {
        Delivery::Plain => {
            let answer = whole(&head)?;
            if let Keep::With(metadata) = keep {
                store(&answer, &head.identity.model, metadata)?;
            }
            Form::Plain(answer)
        }
        Delivery::Stream(usage) => {
            if let Keep::With(metadata) = keep {
                store(&whole(&head)?, &head.identity.model, metadata)?;
            }
            Form::Stream(ChatFrames::new(head, usage))
        }
    };
    Ok(Begun { generation, id, form })
}
