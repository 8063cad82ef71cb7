//! `POST /v1/analyze/`.

use std::{borrow::Cow, sync::Arc, time::Duration};

use axum::response::Response;
use serde::Deserialize;
use serde_json::json;
use weir_chains::{LlmCall, TokenEvents};

use super::state::PromptService;
use super::{
    cache::{Analysis, CacheKey},
    findings::findings,
    window::write_headers,
};
use crate::fields::{self, fault};
use weir_server::{Problem, ProblemKind, RequestContext, ServerContext, json, json_answer};

/// The provider name for the service's default.
const AUTO: &str = "auto";
/// The default of requests.
const TEMPERATURE_DEFAULT: f64 = 0.7;
/// The maximum lifetime of a cache entry: a week.
const TTL_MAX_SECONDS: f64 = 604_800.0;

#[derive(Deserialize)]
#[serde(expecting = "a prompt, a JSON object")]
struct RawRequest<'a> {
    #[serde(borrow)]
    prompt: Cow<'a, str>,
    #[serde(borrow)]
    llm_provider: Option<Cow<'a, str>>,
    temperature: Option<f64>,
    cache_ttl: Option<f64>,
}

/// Analyses a prompt. Every request counts against the key's hourly limit, and every response has the remaining number.
pub(super) async fn analyze(system: &PromptService, call: &mut RequestContext) -> Result<Response, Problem> {
    let now = call.server.clock.now();
    let window = system.keys.take(&call.parts.headers, now)?;
    let answer = answer(system, call).await;
    let mut response = answer.unwrap_or_else(|problem| call.refuse(&problem));
    write_headers(&window, response.headers_mut());
    Ok(response)
}

async fn answer(system: &PromptService, call: &mut RequestContext) -> Result<Response, Problem> {
    let body = call.body().await?;
    let request: RawRequest<'_> = json::read_with_place(&body)?;
    fields::text("prompt", &request.prompt)?;
    let temperature = request.temperature.unwrap_or(TEMPERATURE_DEFAULT);
    fields::temperature(temperature)?;
    let server = &call.server;
    let (provider, model) = provider(system, request.llm_provider.as_deref().unwrap_or(AUTO))?;
    let ttl = ttl(request.cache_ttl)?.unwrap_or(system.settings.cache_ttl);
    let question = CacheKey::new(&request.prompt, provider, temperature);
    let cache = &system.cache;
    if ttl.is_zero() {
        let analysis = ask(system, server, &request.prompt, model).await?;
        return Ok(analysis_response(call, &analysis, Source::Model, provider));
    }
    if let Some(analysis) = cache.find(&question) {
        return Ok(analysis_response(call, &analysis, Source::Cache, provider));
    }
    let analysis = ask(system, server, &request.prompt, model).await?;
    cache.keep(question, analysis.clone(), ttl);
    Ok(analysis_response(call, &analysis, Source::Model, provider))
}

/// Returns the provider and its model.
fn provider<'a>(system: &'a PromptService, name: &str) -> Result<(&'a str, &'a str), Problem> {
    let settings = &system.settings;
    let name = if name == AUTO { settings.default_provider.as_str() } else { name };
    let found = settings.providers.get_key_value(name);
    found.map(|(name, model)| (name.as_str(), model.as_str())).ok_or_else(|| {
        let known = std::iter::once(AUTO).chain(settings.providers.keys().map(String::as_str));
        let problem = Problem::unknown_name(ProblemKind::InvalidRequest, "provider", name, known);
        Problem { param: Some("llm_provider".to_owned()), ..problem }
    })
}

fn ttl(seconds: Option<f64>) -> Result<Option<Duration>, Problem> {
    let Some(seconds) = seconds else { return Ok(None) };
    if (0.0..=TTL_MAX_SECONDS).contains(&seconds) {
        return Ok(Some(Duration::from_secs_f64(seconds)));
    }
    let message = format!("expected seconds from 0 (off) to {TTL_MAX_SECONDS}, found {seconds}");
    Err(fault("cache_ttl", &message))
}

async fn ask(
    system: &PromptService,
    server: &ServerContext,
    prompt: &str,
    model: &str,
) -> Result<Analysis, Problem> {
    let found = findings(prompt);
    let call = LlmCall {
        model: model.into(),
        prompt: format!("Analyse this prompt:\n{prompt}").into(),
        max_tokens: Some(system.settings.answer_tokens),
        total: None,
        tokens: TokenEvents::Disabled,
        tools: Arc::default(),
    };
    let answer = server.uncapped_llm.ask(&call).await.map_err(|error| Problem::from(&error))?;
    Ok(Analysis {
        text_len: answer.text.len(),
        data: Arc::new(json!({
            "intent": found.intent,
            "complexity": found.complexity,
            "keywords": found.keywords,
            "words": found.words,
            "analysis": answer.text,
            "model": model,
            "usage": {
                "prompt_tokens": answer.usage.prompt_tokens,
                "completion_tokens": answer.usage.completion_tokens,
            },
        })),
    })
}

/// The source of an analysis.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Source {
    Model,
    Cache,
}

fn analysis_response(call: &RequestContext, analysis: &Analysis, source: Source, provider: &str) -> Response {
    let latency = call.server.clock.now().saturating_duration_since(call.arrival.at);
    json_answer(&json!({
        "data": &*analysis.data,
        "cached": source == Source::Cache,
        "latency_ms": latency.as_micros() as f64 / 1_000.0,
        "provider": provider,
    }))
}
