//! The context of one request in a handler.

mod body;
mod memory;
mod reading;
mod work;

use std::{
    collections::BTreeMap,
    sync::{Arc, OnceLock},
    time::{Duration, Instant},
};

use axum::{
    RequestPartsExt as _,
    body::Body,
    extract::{Path, Query, Request},
    response::Response,
};
use bytes::Bytes;
use http::{HeaderValue, header, request::Parts};
use weir_chains::{Effects, ExecutionMode, Plan, Run, TokenEvents};
use weir_pace::Sleep;

pub use self::reading::Incoming;

use super::{Deployment, Dialect, Overrides, Problem, ProblemKind, Route, json, problem::RETRY_AFTER_MS};
use crate::{
    admission::{AdmittedKey, ReservedMemory},
    connection::Arrival,
    context::ServerContext,
    metered::MeteredLlm,
    replies::Replies,
    telemetry::{RequestLog, ServerTiming},
};

/// The usual number of headers of a response.
const HEADERS: usize = 8;

/// The context of one request in a handler.
#[derive(Debug)]
pub struct RequestContext {
    /// The shared state of all requests.
    pub server: Arc<ServerContext>,
    /// The route of the endpoint.
    pub route: Route,
    /// When its head arrived, and on which connection.
    pub arrival: Arrival,
    /// The head of the request.
    pub parts: Parts,
    /// What is logged about it, if anything is.
    log: Option<Arc<RequestLog>>,
    deployment: Option<Deployment>,
    /// What the request overrides by its headers.
    pub(crate) overrides: Option<Arc<Overrides>>,
    /// The time that a fault adds before the answer.
    postponed: Duration,
    /// Its key, if that has a name or limits.
    key: Option<Arc<AdmittedKey>>,
    /// The number of events with content of its answer, if that is a stream of tokens.
    answer_events: OnceLock<u32>,
    body: Body,
    /// The memory that is reserved for a large body and its answer.
    memory: Option<ReservedMemory>,
}

/// Whether a stream ends with the `Server-Timing` trailer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Trailers {
    Wanted,
    NotWanted,
}

impl RequestContext {
    pub(crate) fn new(server: Arc<ServerContext>, route: Route, request: Request) -> Self {
        let (mut parts, body) = request.into_parts();
        let arrival = parts.extensions.remove::<Arrival>();
        let arrival =
            arrival.unwrap_or_else(|| Arrival { at: server.clock.now(), peer: None, log: Arc::default() });
        arrival.log.begin();
        let log = if server.logs_requests { parts.extensions.remove() } else { None };
        let (deployment, key) = (parts.extensions.remove(), parts.extensions.remove());
        Self {
            server,
            route,
            arrival,
            parts,
            log,
            deployment,
            overrides: None,
            postponed: Duration::ZERO,
            key,
            answer_events: OnceLock::new(),
            body,
            memory: None,
        }
    }

    /// Waits for `delay` after the arrival; all delays of the answer count from then.
    pub(crate) async fn postpone(&mut self, delay: Duration) {
        self.postponed = delay;
        self.server.clock.sleep_until(self.due_from()).await;
    }

    /// When the delays of the answer begin.
    fn due_from(&self) -> Instant {
        weir_pace::instant_after(self.arrival.at, self.postponed)
    }

    /// The number of events with content of its answer, if that is a stream of tokens.
    pub(crate) fn answer_events(&self) -> Option<u32> {
        self.answer_events.get().copied()
    }

    pub(crate) fn set_answer_events(&self, count: u32) {
        // A request has one answer.
        let _ = self.answer_events.set(count);
    }

    /// What is logged about the request, if anything is.
    pub(crate) fn log(&self) -> Option<&Arc<RequestLog>> {
        self.log.as_ref()
    }

    /// The name of Azure's deployment in its path.
    pub(crate) fn deployment(&self) -> Option<&str> {
        self.deployment.as_ref().map(|name| &*name.0)
    }

    /// The name of a chain or connector in the path.
    pub async fn name(&mut self) -> Result<String, Problem> {
        let path = self.parts.extract::<Path<String>>().await;
        path.map(|Path(name)| name).map_err(|error| Problem::invalid(None, error.to_string()))
    }

    /// The two names in the path.
    pub(crate) async fn names(&mut self) -> Result<(String, String), Problem> {
        let path = self.parts.extract::<Path<(String, String)>>().await;
        path.map(|Path(names)| names).map_err(|error| Problem::invalid(None, error.to_string()))
    }

    /// The parameters of the query.
    pub async fn query(&mut self) -> Result<BTreeMap<String, String>, Problem> {
        let query = self.parts.extract::<Query<BTreeMap<String, String>>>().await;
        query.map(|Query(pairs)| pairs).map_err(|error| Problem::invalid(None, error.to_string()))
    }

    /// Whether the client takes trailers.
    pub(crate) fn trailers(&self) -> Trailers {
        let accepted = self.parts.headers.get_all(header::TE).iter().any(|value| {
            value
                .to_str()
                .is_ok_and(|names| names.split(',').any(|name| name.trim().eq_ignore_ascii_case("trailers")))
        });
        if accepted { Trailers::Wanted } else { Trailers::NotWanted }
    }

    /// The simulated LLM whose tokens count as tokens of the request's key.
    #[must_use]
    pub fn metered(&self, llm: &Replies) -> Replies {
        Replies { key: self.key.clone(), ..llm.clone() }
    }

    /// Starts a run of `plan` through `effects` as [`ServerContext::run_chain`] does; the tokens of its LLM steps count as
    /// tokens of the request's key.
    pub fn run_chain(
        &self,
        mut effects: Effects,
        plan: &Arc<Plan>,
        input: serde_json::Value,
        mode: ExecutionMode,
        tokens: TokenEvents,
    ) -> Run {
        if let Some(key) = &self.key {
            let counter = Arc::clone(&self.server.counter);
            effects.llm = Arc::new(MeteredLlm::new(effects.llm, Arc::clone(key), counter));
        }
        self.server.run_chain(effects, plan, input, mode, tokens)
    }

    /// Fails if the client is on another machine.
    pub fn require_loopback(&self) -> Result<(), Problem> {
        if self.is_from_loopback() {
            return Ok(());
        }
        let message = "only clients on the server's machine may use this endpoint".to_owned();
        Err(Problem::new(ProblemKind::Forbidden, message))
    }

    /// Returns a record of the answer's times, with the waits for limits.
    pub fn timing(&self) -> ServerTiming {
        ServerTiming::new(self.arrival.at, Arc::clone(self.arrival.log.waits()))
    }

    /// Whether the client is on this machine.
    pub(crate) fn is_from_loopback(&self) -> bool {
        self.arrival.peer.is_none_or(|peer| peer.to_canonical().is_loopback())
    }

    /// Returns the time since the request arrived.
    pub fn elapsed(&self) -> Duration {
        self.server.clock.now().saturating_duration_since(self.arrival.at)
    }

    /// The dialect of the client.
    pub(crate) fn dialect(&self) -> &'static dyn Dialect {
        (self.route.dialect)(&self.parts.headers)
    }

    /// The delay before a problem is sent, if a script wants one.
    pub(crate) fn wait_before(&self, problem: &Problem) -> Option<Sleep> {
        let delay = problem.scripted.as_ref()?.delay.mul_f64(self.server.config.time_scale);
        Some(self.server.clock.sleep_until(self.arrival.at + delay))
    }

    /// Returns the error response in the dialect of the endpoint.
    pub fn refuse(&self, problem: &Problem) -> Response {
        let (dialect, digits) = (self.dialect(), self.server.ids.next());
        let mut response = json_answer(&dialect.error_body(problem, &digits));
        *response.status_mut() = dialect.status(problem);
        let headers = response.headers_mut();
        if problem.kind == ProblemKind::InvalidKey {
            // Every 401 names the authentication scheme (RFC 9110, 15.5.2).
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        problem.write_retry_after(headers);
        // A script decides for itself.
        if problem.scripted.is_none() && !dialect.has_retry_after_ms() {
            headers.remove(RETRY_AFTER_MS);
        }
        if let Some(extras) = &problem.extras {
            headers.extend(extras.headers.clone());
        }
        dialect.add_headers(self.elapsed(), &digits, headers);
        response
    }
}

/// Returns a response with a JSON body.
pub fn json_answer(body: &serde_json::Value) -> Response {
    json_body(body.to_string().into())
}

/// Returns a response with an encoded JSON body.
pub(crate) fn json_body(body: Bytes) -> Response {
    let mut response = Response::new(Body::from(body));
    // Enough for most APIs, so that the map need not grow.
    response.headers_mut().reserve(HEADERS);
    response.headers_mut().insert(header::CONTENT_TYPE, json::CONTENT_TYPE);
    response
}
