//! `POST /api/llm/{connector}` and its stream: one LLM call.

use std::{borrow::Cow, sync::Arc};

use axum::response::Response;
use bytes::BytesMut;
use serde::Deserialize;
use serde_json::json;
use weir_chains::{LlmCall, TokenEvents};
use weir_model::Event;
use weir_wire::sse;

use super::words::ms;
use crate::{
    api::{
        Call, Problem,
        call::json_answer,
        json::{self, write_escaped, write_number},
        problem::Kind,
    },
    delivery::{Delivery, Encoder},
    replies::Admitted,
    telemetry::Truth,
};

/// Tokens of an answer whose request sets no limit, as the reference system has it.
const MAX_TOKENS_DEFAULT: u32 = 100;

#[derive(Deserialize)]
#[serde(expecting = "a prompt, a JSON object")]
struct RawRequest<'a> {
    #[serde(borrow)]
    prompt: Cow<'a, str>,
    max_tokens: Option<u32>,
}

/// The whole answer.
pub(super) async fn connector(call: &mut Call) -> Result<Response, Problem> {
    let (name, model, admitted) = admit(call).await?;
    let mut truth = truth(call, &admitted);
    let (app, arrived) = (&call.app, call.arrival.at);
    let Admitted { lease, prompt_tokens, since, place, timer } = admitted;
    truth.planned_ttft = Some(lease.clock.planned(0));
    truth.planned_total = Some(lease.clock.end());
    app.clock.sleep_until(lease.clock.end()).await;
    drop((place, timer));
    let now = app.clock.now();
    truth.delivered_total = Some(now);
    let completion_tokens = lease.content.token_count();
    let mut response = json_answer(&json!({
        "status": "ok",
        "connector": name,
        "model": &*model,
        "text": lease.content.text(),
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
    truth.tell(response.headers_mut());
    Ok(response)
}

/// The answer token by token.
pub(super) async fn connector_stream(call: &mut Call) -> Result<Response, Problem> {
    let (_, _, admitted) = admit(call).await?;
    let truth = truth(call, &admitted);
    let Admitted { lease, prompt_tokens, place, timer, .. } = admitted;
    Ok(Delivery::respond(call, lease, truth, ConnectorFrames { prompt_tokens }, (place, timer)))
}

async fn admit(call: &mut Call) -> Result<(String, Arc<str>, Admitted), Problem> {
    let name = call.name().await?;
    let connectors = &call.app.config.connectors;
    let Some(model) = connectors.get(&name) else {
        let known = connectors.keys().map(String::as_str);
        return Err(Problem::unknown_name(Kind::NotFound, "connector", &name, known));
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
    let admitted = call.app.replies.admit(&llm_call).await.map_err(|error| Problem::from(&error))?;
    Ok((name, model, admitted))
}

fn truth(call: &Call, admitted: &Admitted) -> Truth {
    let mut truth = Truth::new(call.arrival.at);
    truth.queue = admitted.since.saturating_duration_since(call.arrival.at);
    truth
}

/// The events of a streamed answer.
#[derive(Debug)]
struct ConnectorFrames {
    prompt_tokens: u32,
}

impl Encoder for ConnectorFrames {
    fn event(&mut self, out: &mut BytesMut, _: u32, event: Event<'_>) {
        let Event::Token(token) = event else { return };
        out.extend_from_slice(b"data: {\"type\":\"token\",\"token\":\"");
        write_escaped(out, token);
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
        out.extend_from_slice(sse::DONE);
    }
}
