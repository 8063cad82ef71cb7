//! A real model behind chains: any OpenAI-compatible API.

mod answer;

use std::{borrow::Cow, collections::BTreeMap, sync::Arc, time::Duration};

use async_stream::try_stream;
use http::{HeaderName, HeaderValue, Method, StatusCode, header, uri::PathAndQuery};
use serde_json::json;
use weir_chains::{Llm, LlmCall, LlmError, LlmEvent, LlmStream, LlmTool, TokenEvents};
use weir_pace::Clock;
use weir_wire::{ParseTargetError, Request, RequestError, SetupError, sse::Decoder};

use self::answer::{Chunk, CompletionResponse, PartialResponse};
use super::pool::{ANSWER_BYTES_MAX, Pool};
use crate::{admission::LlmPermits, config::UpstreamConfig};

/// Maximum characters of a response body in error messages.
const EXCERPT_CHARS: usize = 300;

/// Calls a real model.
#[derive(Clone, Debug)]
pub(crate) struct Upstream {
    pool: Pool,
    path: PathAndQuery,
    /// Marked as sensitive, so that it is never printed.
    authorization: Option<HeaderValue>,
    /// The key itself, to redact it from error messages.
    key: Option<crate::config::Secret>,
    models: Arc<BTreeMap<String, String>>,
    permits: Arc<LlmPermits>,
}

/// Why the model cannot be called.
#[derive(Debug, thiserror::Error)]
pub(crate) enum UpstreamError {
    #[error(transparent)]
    Setup(#[from] SetupError),
    #[error(transparent)]
    Target(#[from] ParseTargetError),
    #[error("the key has characters that no header takes")]
    Key,
}

impl Upstream {
    pub(crate) fn new(
        config: &UpstreamConfig,
        permits: Arc<LlmPermits>,
        clock: &Clock,
    ) -> Result<Self, UpstreamError> {
        let target = config.target.clone();
        let prefix = target.path_prefix();
        let path = target.join(if prefix.ends_with("/v1") {
            "/chat/completions"
        } else {
            "/v1/chat/completions"
        })?;
        let authorization = config.key.as_ref().map(|key| {
            let mut value = HeaderValue::try_from(format!("Bearer {}", key.reveal()))?;
            value.set_sensitive(true);
            Ok::<_, header::InvalidHeaderValue>(value)
        });
        Ok(Self {
            path,
            authorization: authorization.transpose().map_err(|_| UpstreamError::Key)?,
            key: config.key.clone(),
            models: Arc::new(config.models.clone()),
            permits,
            pool: Pool::new(target, config.timeout, clock.clone())?,
        })
    }

    fn request(&self, call: &LlmCall) -> Request {
        let model = self.models.get(&*call.model).map_or(&*call.model, String::as_str);
        let mut body = json!({"model": model, "messages": [{"role": "user", "content": &*call.prompt}]});
        if let Some(fields) = body.as_object_mut() {
            if let Some(limit) = call.max_tokens {
                fields.insert("max_tokens".to_owned(), limit.into());
            }
            if !call.tools.is_empty() {
                fields.insert("tools".to_owned(), call.tools.iter().map(tool).collect());
            }
            if call.tokens == TokenEvents::Enabled {
                fields.insert("stream".to_owned(), true.into());
                fields.insert("stream_options".to_owned(), json!({"include_usage": true}));
            }
        }
        let request = Request::new(Method::POST, self.path.clone())
            .with_header(header::CONTENT_TYPE, HeaderValue::from_static("application/json"))
            .with_body(body.to_string());
        match &self.authorization {
            Some(value) => request.with_header(header::AUTHORIZATION, value.clone()),
            None => request,
        }
    }

    /// Maps an error status.
    fn refusal(&self, status: StatusCode, retry_after: Option<Duration>, body: &[u8]) -> LlmError {
        let message =
            answer::error_message(body).unwrap_or_else(|| String::from_utf8_lossy(body).into_owned());
        // Some servers repeat an unknown key.
        let message =
            self.key.as_ref().map_or_else(|| message.clone(), |key| message.replace(key.reveal(), "[key]"));
        let message = format!("{status}: {}", message.trim().chars().take(EXCERPT_CHARS).collect::<String>());
        match status.as_u16() {
            429 => LlmError::RateLimited { message, retry_after },
            503 | 529 => LlmError::Overloaded { message, retry_after },
            400 | 404 | 413 | 422 => LlmError::InvalidRequest { message },
            _ => LlmError::Upstream { message, source: None },
        }
    }
}

impl Llm for Upstream {
    fn call(&self, call: LlmCall) -> LlmStream {
        let upstream = self.clone();
        Box::pin(try_stream! {
            let full = |full: crate::admission::LlmQueueFull| LlmError::Overloaded { message: full.to_string(), retry_after: Some(full.retry_after) };
            let _place = upstream.permits.take().await.map_err(full)?;
            let request = upstream.request(&call);
            let mut connection = upstream.pool.take();
            let mut response = connection.send(&request).await.map_err(failed)?;
            let status = response.status();
            if !status.is_success() {
                let retry_after = retry_after(response.headers());
                let body = response.collect(ANSWER_BYTES_MAX).await.map_err(failed)?;
                Err(upstream.refusal(status, retry_after, &body))?;
            }
            let mut gathered = PartialResponse::default();
            if call.tokens == TokenEvents::Disabled {
                let body = response.collect(ANSWER_BYTES_MAX).await.map_err(failed)?;
                gathered = CompletionResponse::read(&body)?;
            } else {
                let mut decoder = Decoder::new();
                while let Some(chunk) = response.chunk().await.map_err(failed)? {
                    decoder.feed(&chunk.bytes);
                    while let Some(event) = decoder.next_event() {
                        let event = event.map_err(|error| broken(&error))?;
                        if event.is_done() {
                            gathered.done = true;
                        } else if let Some(token) = gathered.take(Chunk::read(event.data)?) {
                            yield LlmEvent::Token(Cow::Owned(token));
                        }
                    }
                }
            }
            drop(response);
            upstream.pool.give_back(connection);
            yield LlmEvent::Finished(gathered.finish()?);
        })
    }
}

/// A tool in OpenAI's shape.
fn tool(tool: &LlmTool) -> serde_json::Value {
    let LlmTool { name, description, parameters } = tool;
    let mut function = json!({"name": &**name, "parameters": parameters});
    if let (Some(fields), Some(description)) = (function.as_object_mut(), description) {
        fields.insert("description".to_owned(), description.as_str().into());
    }
    json!({"type": "function", "function": function})
}

fn failed(failure: RequestError) -> LlmError {
    LlmError::Upstream { message: failure.to_string(), source: Some(Box::new(failure)) }
}

/// An invalid response.
fn broken(error: &dyn std::fmt::Display) -> LlmError {
    LlmError::Upstream { message: format!("the answer cannot be read: {error}"), source: None }
}

/// `retry-after-ms`, or `retry-after` in seconds.
fn retry_after(headers: &http::HeaderMap) -> Option<Duration> {
    let number = |name: HeaderName| headers.get(name)?.to_str().ok()?.trim().parse::<u64>().ok();
    let ms = number(HeaderName::from_static("retry-after-ms")).map(Duration::from_millis);
    ms.or_else(|| number(header::RETRY_AFTER).map(Duration::from_secs))
}
