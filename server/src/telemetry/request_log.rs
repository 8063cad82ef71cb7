//! The line that is logged for each request, if the user wants one.

use std::{
    fmt,
    sync::OnceLock,
    time::{Duration, Instant},
};

use axum::extract::Request;
use http::Method;

/// The target of the lines.
pub(crate) const REQUESTS: &str = "weir::requests";
/// Maximum characters of a path or a model's name in a line.
const TEXT_MAX: usize = 200;

/// What is logged about one request. Handlers add what they learn of it. Headers, queries and bodies are not logged.
#[derive(Debug)]
pub(crate) struct RequestLog {
    method: Method,
    path: String,
    model: OnceLock<String>,
    call: OnceLock<LoggedCall>,
    fault: OnceLock<&'static str>,
}

/// An LLM call of a request.
#[derive(Clone, Copy, Debug)]
pub(crate) struct LoggedCall {
    pub(crate) prompt_tokens: u32,
    pub(crate) output_tokens: u32,
    /// The planned time to first token, if it is known on admission.
    pub(crate) ttft: Option<Duration>,
}

impl RequestLog {
    pub(crate) fn new(request: &Request) -> Self {
        Self {
            method: request.method().clone(),
            path: shown(request.uri().path()),
            model: OnceLock::new(),
            call: OnceLock::new(),
            fault: OnceLock::new(),
        }
    }

    /// Adds the name of the model. The first one counts.
    pub(crate) fn set_model(&self, name: &str) {
        self.model.get_or_init(|| shown(name));
    }

    /// Adds the LLM call. The first one counts.
    pub(crate) fn set_call(&self, call: LoggedCall) {
        self.call.get_or_init(|| call);
    }

    /// Adds the fault that took effect. The first one counts.
    pub(crate) fn set_fault(&self, name: &'static str) {
        self.fault.get_or_init(|| name);
    }

    /// Logs the line of a request that began at `start`.
    pub(super) fn write(&self, status: u16, start: Instant) {
        let line = Line { request: self, status, total: start.elapsed() };
        tracing::info!(target: REQUESTS, "{line}");
    }
}

/// A text without control characters, shortened.
fn shown(text: &str) -> String {
    text.chars().take(TEXT_MAX).flat_map(char::escape_debug).collect()
}

struct Line<'a> {
    request: &'a RequestLog,
    status: u16,
    total: Duration,
}

impl fmt::Display for Line<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let RequestLog { method, path, model, call, fault } = self.request;
        write!(f, "{method} {path} {}", self.status)?;
        if let Some(model) = model.get() {
            write!(f, " model={model}")?;
        }
        if let Some(LoggedCall { prompt_tokens, output_tokens, ttft }) = call.get() {
            write!(f, " in={prompt_tokens} out={output_tokens}")?;
            if let Some(ttft) = ttft {
                write!(f, " ttft={:.1}ms", ttft.as_secs_f64() * 1e3)?;
            }
        }
        if let Some(fault) = fault.get() {
            write!(f, " fault={fault}")?;
        }
        write!(f, " total={:.1}ms", self.total.as_secs_f64() * 1e3)
    }
}

#[cfg(test)]
mod tests {
    use axum::body::Body;

    use super::*;

    #[test]
    fn line_has_what_is_known_of_the_request() {
        let request = Request::post("/v1/chat/completions?key=secret").body(Body::empty()).unwrap();
        let log = RequestLog::new(&request);
        let line = || Line { request: &log, status: 200, total: Duration::from_micros(1_500) }.to_string();
        insta::assert_snapshot!(line(), @"POST /v1/chat/completions 200 total=1.5ms");
        log.set_model("gpt-5\n");
        log.set_model("other");
        log.set_call(LoggedCall {
            prompt_tokens: 8,
            output_tokens: 64,
            ttft: Some(Duration::from_millis(645)),
        });
        insta::assert_snapshot!(line(), @r"POST /v1/chat/completions 200 model=gpt-5\n in=8 out=64 ttft=645.0ms total=1.5ms");
        log.set_fault("stall");
        insta::assert_snapshot!(line(), @r"POST /v1/chat/completions 200 model=gpt-5\n in=8 out=64 ttft=645.0ms fault=stall total=1.5ms");
    }
}
