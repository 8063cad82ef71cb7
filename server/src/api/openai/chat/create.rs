//! `POST /v1/chat/completions`.

use std::sync::Arc;

use axum::response::Response;

use super::{
    frames::ChatFrames,
    head::{Head, Tokens},
    request::{ChatRequest, Storage},
    stored::StoredChat,
};
use crate::{
    api::{
        generation::{self, AcceptedRequest, Generation, ResponseForm},
        openai::{
            bounds::one_piece, headers::add_headers, identity::Identity, logprobs::Logprobs,
            prompt_cache::PromptCache, sampling::Delivery, store::Store, strictness,
        },
    },
    request::{Incoming, Problem, RequestContext},
};

/// Answers one chat request.
pub(in crate::api) async fn create(
    call: &mut RequestContext,
    chats: &Arc<Store<StoredChat>>,
    cache: &Arc<PromptCache>,
) -> Result<Response, Problem> {
    let (chats, cache) = (Arc::clone(chats), Arc::clone(cache));
    let accepted = call.read(move |incoming| begin(&incoming, &chats, &cache)).await?;
    let AcceptedRequest { generation, id, form } = accepted;
    let answer = generation.deliver(call, form).await;
    Ok(add_headers(call, &id, answer))
}

fn begin(
    incoming: &Incoming<'_>,
    chats: &Store<StoredChat>,
    cache: &PromptCache,
) -> Result<AcceptedRequest<ChatFrames>, Problem> {
    let Incoming { server, body, at, .. } = *incoming;
    strictness::check_fields(server.config.strictness, body, strictness::CHAT)?;
    let request =
        ChatRequest::read(body, &server.counter, server.planner.schemas(), server.config.strictness)?;
    let ChatRequest {
        model,
        generation_request,
        audio_tokens,
        calls,
        logprobs,
        service_tier,
        delivery,
        keep,
    } = request;
    let model = generation::model_name(incoming, model);
    let profile = generation::named_profile(server, model.as_deref())?;
    let generation = Generation::begin(incoming, profile, generation_request)?;
    let id = server.ids.next();
    let content = &generation.lease.content;
    let head = Head {
        identity: Identity::new(id.clone(), model.as_deref().unwrap_or(&profile.name).to_owned()),
        service_tier,
        tokens: Tokens {
            prompt: generation.prompt_tokens,
            cached: cache.pass(&profile.name, body, generation.prompt_tokens, at),
            audio: audio_tokens,
            reasoning: content.reasoning_count(),
        },
        calls,
        logprobs: logprobs.map(|top| Logprobs { seed: server.config.seed.derive(generation.body), top }),
    };
    let whole = |head: &Head| {
        one_piece(content, head.logprobs.as_ref())?;
        Ok::<_, Problem>(head.plain(content))
    };
    let store = |answer: &[u8], model: &str, metadata| {
        let (stored, bytes) = StoredChat::new(body, answer, model, metadata)?;
        chats.insert(&format!("chatcmpl-{id}"), stored, bytes);
        Ok::<_, Problem>(())
    };
    let form = match delivery {
        Delivery::Plain => {
            let answer = whole(&head)?;
            if let Storage::With(metadata) = keep {
                store(&answer, &head.identity.model, metadata)?;
            }
            ResponseForm::Plain(answer)
        }
        Delivery::Stream(usage) => {
            if let Storage::With(metadata) = keep {
                store(&whole(&head)?, &head.identity.model, metadata)?;
            }
            ResponseForm::Stream(ChatFrames::new(head, usage))
        }
    };
    Ok(AcceptedRequest { generation, id, form })
}
