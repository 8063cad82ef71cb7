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
        generation::{self, AcceptedRequest, Encoded, Generation, ResponseForm},
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
    let Incoming { server, body, at, schemas, .. } = *incoming;
    strictness::check_fields(server.config.strictness, body, strictness::CHAT)?;
    let request = ChatRequest::read(body, &server.counter, schemas, server.config.strictness)?;
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
    // A stored answer is encoded, too.
    let encoded = Encoded::of(delivery == Delivery::Plain || keep != Storage::No, logprobs);
    let generation = Generation::begin(incoming, profile, generation_request, encoded)?;
    let id = server.ids.next();
    let content = &generation.lease.content;
    let head = Head {
        identity: Identity::new(id.clone(), model.as_deref().unwrap_or(&profile.name).to_owned()),
        service_tier,
        tokens: Tokens {
            prompt: generation.prompt_tokens,
            cached: generation
                .lease
                .cached_tokens
                .unwrap_or_else(|| cache.pass(&profile.name, body, generation.prompt_tokens, at)),
            audio: audio_tokens,
            reasoning: content.reasoning_count(),
        },
        calls,
        reasoning: profile.reasoning.as_ref().map(|phase| phase.visibility).unwrap_or_default(),
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

#[cfg(test)]
mod tests {
    use http::HeaderMap;
    use serde_json::{Value, json};
    use weir_pace::{Clock, TimerConfig};

    use super::*;
    use crate::{
        api::openai::store::StoreLimits,
        config::{Config, RawConfig},
        context::ServerContext,
        request::WorkLimit,
    };

    fn server() -> Arc<ServerContext> {
        let config: Config = RawConfig::defaults(&[]).unwrap().try_into().unwrap();
        let chains = weir_chains::Catalog::parse("", "test").unwrap();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build().unwrap();
        let clock = runtime.block_on(async { Clock::start(TimerConfig::default()).unwrap() });
        ServerContext::new(config, weir_model::Catalog::embedded().unwrap(), chains, clock).unwrap()
    }

    /// Whether the request with these members is read on the event loop.
    fn is_for_event_loop(server: &ServerContext, members: &Value) -> bool {
        let mut body = json!({"model": "instant", "messages": [{"role": "user", "content": "Hi"}]});
        body.as_object_mut().unwrap().extend(members.as_object().unwrap().clone());
        let body = body.to_string();
        let (limit, schemas) = (WorkLimit::event_loop(), server.planner.schemas().without_compilation());
        let incoming = Incoming {
            server,
            headers: &HeaderMap::new(),
            body: body.as_bytes(),
            at: server.clock.now(),
            log: None,
            deployment: None,
            overrides: None,
            key: None,
            schemas: &schemas,
            limit: &limit,
        };
        let (chats, cache) = (Store::new(StoreLimits { count: 1, bytes: 1 }), PromptCache::default());
        let result = begin(&incoming, &chats, &cache);
        let is_postponed = limit.exceeded().is_some() || schemas.is_postponed();
        assert!(is_postponed || result.is_ok(), "{members}: {:?}", result.err());
        !is_postponed
    }

    #[test]
    fn begin_on_event_loop_postpones_long_work() {
        let server = server();
        let tool = |parameters: Value| json!([{"type": "function", "function": {"name": "f", "parameters": parameters}}]);
        let format =
            |schema: &Value| json!({"type": "json_schema", "json_schema": {"name": "x", "schema": schema}});
        for members in [
            json!({}),
            json!({"max_tokens": 4_000}),
            json!({"max_tokens": 120_000, "stream": true}),
            json!({"n": 8, "stop": "x"}),
            json!({"logprobs": true, "top_logprobs": 20, "max_tokens": 20}),
            json!({"response_format": {"type": "json_object"}}),
        ] {
            assert!(is_for_event_loop(&server, &members), "{members}");
        }
        let object = json!({"type": "object", "properties": {"a": {"type": "string"}}});
        for members in [
            json!({"n": 128, "stop": ["x", "y"], "max_tokens": 1_000, "stream": true}),
            json!({"logprobs": true, "top_logprobs": 20, "max_tokens": 2_000}),
            json!({"n": 32, "max_tokens": 4_000}),
            json!({"tools": tool(object.clone())}),
            json!({"response_format": format(&object)}),
        ] {
            assert!(!is_for_event_loop(&server, &members), "{members}");
        }
        // Once the schema is compiled, writing it is quick.
        server.planner.schemas().get_lenient(&object.to_string()).unwrap();
        assert!(is_for_event_loop(&server, &json!({"tools": tool(object.clone())})));
        assert!(is_for_event_loop(&server, &json!({"response_format": format(&object)})));
        let items = json!({"enum": (0..600).collect::<Vec<_>>()});
        let unique = json!({"type": "array", "uniqueItems": true, "minItems": 300, "items": items});
        server.planner.schemas().get_lenient(&unique.to_string()).unwrap();
        assert!(!is_for_event_loop(&server, &json!({"response_format": format(&unique)})));
    }
}
