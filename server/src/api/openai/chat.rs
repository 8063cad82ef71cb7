//! `POST /v1/chat/completions`.

use std::{
    sync::Arc,
    time::{Instant, SystemTime, UNIX_EPOCH},
};

use axum::{body::Body, response::Response};
use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, header};
use twox_hash::XxHash3_64;
use weir_model::{Job, Lease, Profile, Refusal};

use super::{
    answer::Head,
    frames::ChatFrames,
    request::{ChatRequest, DeliveryKind, UsageChunk},
};
use crate::{
    api::{Call, Problem, json, problem::Kind},
    app::App,
    config::UnknownModels,
    delivery::Delivery,
    telemetry::{LlmTimer, Truth},
};

/// Bodies above this, in bytes, are read beside the event loop: counting their tokens takes milliseconds.
const LARGE_BODY: usize = 64 << 10;

/// Answers one chat request.
pub(in crate::api) async fn chat(call: &mut Call) -> Result<Response, Problem> {
    let body = call.body().await?;
    let request = read(&call.app, &body).await?;
    let app = &call.app;
    let profile = profile(app, request.model.as_deref())?;
    let job = Job {
        profile: Arc::clone(profile),
        prompt_tokens: request.prompt_tokens,
        max_tokens: request.max_tokens,
        total: None,
        body: XxHash3_64::oneshot(&body),
        start: call.arrival.at,
    };
    let refused = |_: &Refusal| app.metrics.llm_refusal(&profile.name);
    let lease = app.engine.admit(&job).inspect_err(refused)?;
    let completion_tokens = lease.content.token_count();
    let timer = app.metrics.llm_call(&profile.name, request.prompt_tokens.into(), completion_tokens.into());
    let head = Head {
        id: app.ids.next(),
        created: SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs()),
        model: request.model.unwrap_or_else(|| profile.name.to_string()),
        prompt_tokens: request.prompt_tokens,
    };
    match request.delivery {
        DeliveryKind::Plain => {
            let answer = plain(&call.app, call.arrival.at, &head, lease).await;
            drop(timer);
            Ok(answer)
        }
        DeliveryKind::Stream { usage } => Ok(stream(call, head, usage, lease, timer)),
    }
}

async fn read(app: &App, body: &Bytes) -> Result<ChatRequest, Problem> {
    if body.len() <= LARGE_BODY {
        return ChatRequest::read(body, &app.counter);
    }
    let (body, counter) = (body.clone(), Arc::clone(&app.counter));
    let read = tokio::task::spawn_blocking(move || ChatRequest::read(&body, &counter));
    read.await.unwrap_or_else(|error| {
        Err(Problem::new(Kind::ServerError, format!("the request could not be read: {error}")))
    })
}

/// The profile that answers for `name`.
fn profile<'a>(app: &'a App, name: Option<&str>) -> Result<&'a Arc<Profile>, Problem> {
    let default = &app.config.models.default;
    let wanted = name.unwrap_or(default);
    let found = app.models.get(wanted).or_else(|| match app.config.models.unknown {
        UnknownModels::Accept => app.models.get(default),
        UnknownModels::Reject => None,
    });
    found.ok_or_else(|| {
        let known = app.models.iter().map(|profile| &*profile.name);
        let problem = Problem::unknown_name(Kind::ModelNotFound, "model", wanted, known);
        Problem { param: Some("model".to_owned()), ..problem }
    })
}

async fn plain(app: &App, arrived: Instant, head: &Head, lease: Lease) -> Response {
    let clock = &app.clock;
    let mut truth = Truth::new(arrived);
    truth.planned_ttft = Some(lease.clock.planned(0));
    truth.planned_total = Some(lease.clock.end());
    // Written before its instant and handed over at it.
    let body = head.plain(&lease.content);
    clock.sleep_until(lease.clock.end()).await;
    truth.delivered_total = Some(clock.now());
    let mut response = Response::new(Body::from(body));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, json::CONTENT_TYPE);
    truth.tell(headers);
    provider_headers(app, arrived, head, headers);
    response
}

fn stream(call: &Call, head: Head, usage: UsageChunk, lease: Lease, timer: LlmTimer) -> Response {
    let mut headers = HeaderMap::new();
    provider_headers(&call.app, call.arrival.at, &head, &mut headers);
    let truth = Truth::new(call.arrival.at);
    let mut response = Delivery::respond(call, lease, truth, ChatFrames::new(head, usage), timer);
    response.headers_mut().extend(headers);
    response
}

fn provider_headers(app: &App, arrived: Instant, head: &Head, headers: &mut HeaderMap) {
    const VERSION: HeaderValue = HeaderValue::from_static("2020-10-01");
    const ORGANIZATION: HeaderValue = HeaderValue::from_static("weir");
    if let Ok(id) = HeaderValue::try_from(format!("req_{}", head.id)) {
        headers.insert(HeaderName::from_static("x-request-id"), id);
    }
    let spent = app.clock.now().saturating_duration_since(arrived).as_millis() as u64;
    headers.insert(HeaderName::from_static("openai-processing-ms"), HeaderValue::from(spent));
    headers.insert(HeaderName::from_static("openai-version"), VERSION);
    headers.insert(HeaderName::from_static("openai-organization"), ORGANIZATION);
}
