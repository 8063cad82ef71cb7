//! `POST /api/llm/{connector}` and its stream: one LLM call.

use std::{borrow::Cow, sync::Arc};

use axum::response::Response;
use bytes::BytesMut;
use serde::Deserialize;
use serde_json::json;
use weir_chains::{LlmCall, TokenEvents};
use weir_model::{Event, Lease, SegmentKind};

use super::state::ChainBackend;
use crate::chain_run::ms;
use weir_server::{
    AdmittedCall, Encoder, Problem, ProblemKind, RequestContext, SSE_DONE, ServerTiming, TokenStream,
    TokenTimer,
    json::{self, write_escaped, write_number},
    json_answer,
};

/// The default number of output tokens, as in the reference system.
const MAX_TOKENS_DEFAULT: u32 = 100;

#[derive(Deserialize)]
#[serde(expecting = "a prompt, a JSON object")]
struct RawRequest<'a> {
    #[serde(borrow)]
    prompt: Cow<'a, str>,
    max_tokens: Option<u32>,
}

/// Returns the whole answer.
pub(super) async fn connector(system: &ChainBackend, call: &mut RequestContext) -> Result<Response, Problem> {
    let (name, model, admitted) = admit(system, call).await?;
    let mut timing = timing(call, &admitted);
    let (server, arrived) = (&call.server, call.arrival.at);
    let AdmittedCall { lease, prompt_tokens, since, permit, mut reservation, mut record } = admitted;
    let Lease { content, schedule, .. } = lease;
    let mut tokens = TokenTimer::new(schedule, &server.clock);
    let end = tokens.end().await;
    if let Some(reservation) = &mut reservation {
        reservation.follow(tokens.schedule(), content.token_count());
    }
    timing.add_schedule(tokens.schedule());
    let now = server.clock.now();
    record.delivered_whole(tokens.schedule().first().unwrap_or(end), now);
    drop((permit, record, reservation));
    timing.delivered_total = Some(now);
    let completion_tokens = content.token_count();
    let mut response = json_answer(&json!({
        "status": "ok",
        "connector": name,
        "model": &*model,
        "text": content.text(),
        "usage": {
            "prompt_tokens": prompt_tokens,
            "completion_tokens": completion_tokens,
            "total_tokens": u64::from(prompt_tokens) + u64::from(completion_tokens),
        },
        "metadata": {
            "elapsed_ms": ms(now.saturating_duration_since(arrived)),
            "queue_ms": ms(since.saturating_duration_since(arrived)),
        },
    }));
    timing.write_to(response.headers_mut());
    Ok(response)
}

/// Streams the answer token by token.
pub(super) async fn connector_stream(
    system: &ChainBackend,
    call: &mut RequestContext,
) -> Result<Response, Problem> {
    let (_, _, admitted) = admit(system, call).await?;
    let timing = timing(call, &admitted);
    let AdmittedCall { lease, prompt_tokens, permit, reservation, record, .. } = admitted;
    let frames = ConnectorFrames { prompt_tokens, is_reasoning: false };
    Ok(TokenStream::respond(call, lease, timing, frames, record, (permit, reservation)))
}

async fn admit(
    system: &ChainBackend,
    call: &mut RequestContext,
) -> Result<(String, Arc<str>, AdmittedCall), Problem> {
    let name = call.name().await?;
    let connectors = &system.connectors.0;
    let Some(model) = connectors.get(&name) else {
        let known = connectors.keys().map(String::as_str);
        return Err(Problem::unknown_name(ProblemKind::NotFound, "connector", &name, known));
    };
    let model: Arc<str> = model.as_str().into();
    let body = call.body().await?;
    let request: RawRequest<'_> = json::read_with_place(&body)?;
    let llm_call = LlmCall {
        model: Arc::clone(&model),
        prompt: request.prompt.into(),
        max_tokens: Some(request.max_tokens.unwrap_or(MAX_TOKENS_DEFAULT)),
        total: None,
        tokens: TokenEvents::Enabled,
        tools: Arc::default(),
    };
    let llm = call.metered(&call.server.llm);
    let admitted = llm.admit(&llm_call).await.map_err(|error| Problem::from(&error))?;
    Ok((name, model, admitted))
}

fn timing(call: &RequestContext, admitted: &AdmittedCall) -> ServerTiming {
    let mut timing = call.timing();
    timing.queue = admitted.since.saturating_duration_since(call.arrival.at);
    timing
}

/// The events of a streamed answer.
#[derive(Debug)]
struct ConnectorFrames {
    prompt_tokens: u32,
    /// Whether the tokens are of reasoning, which the client does not receive.
    is_reasoning: bool,
}

impl Encoder for ConnectorFrames {
    fn event(&mut self, out: &mut BytesMut, _: u32, event: Event<'_>) {
        let run = match event {
            Event::Begin(_, segment) => {
                self.is_reasoning = segment.kind == SegmentKind::Reasoning;
                return;
            }
            Event::Tokens(run) if !self.is_reasoning => run,
            Event::Tokens(_) | Event::End(..) | Event::Finish(_) => return,
        };
        out.extend_from_slice(b"data: {\"type\":\"token\",\"token\":\"");
        write_escaped(out, run.text());
        out.extend_from_slice(b"\"}\n\n");
    }

    fn close(&mut self, out: &mut BytesMut, tokens: u32) {
        out.extend_from_slice(b"data: {\"type\":\"done\",\"usage\":{\"prompt_tokens\":");
        write_number(out, self.prompt_tokens.into());
        out.extend_from_slice(b",\"completion_tokens\":");
        write_number(out, tokens.into());
        out.extend_from_slice(b",\"total_tokens\":");
        write_number(out, u64::from(self.prompt_tokens) + u64::from(tokens));
        out.extend_from_slice(b"}}\n\n");
        out.extend_from_slice(SSE_DONE);
    }
}
