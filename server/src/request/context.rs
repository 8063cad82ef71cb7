//! The context of one request in a handler.

use std::{
    collections::BTreeMap,
    sync::Arc,
    time::{Duration, Instant},
};

use axum::{
    RequestPartsExt as _,
    body::Body,
    extract::{Path, Query, Request},
    response::Response,
};
use bytes::{Bytes, BytesMut};
use http::{HeaderMap, HeaderValue, header, request::Parts};
use http_body::Body as _;
use http_body_util::BodyExt as _;
use tokio::sync::Semaphore;
use weir_model::Schemas;
use weir_pace::Sleep;

use super::{
    Deployment, Dialect, Overrides, Problem, ProblemKind, Route, WorkLimit, encoding::Encoding, json,
};
use crate::{
    admission::ReservedMemory,
    connection::Arrival,
    context::ServerContext,
    telemetry::{RequestLog, ServerTiming},
};

/// The usual number of headers of a response.
const HEADERS: usize = 8;
/// Larger bodies, in bytes, are read outside the event loop: counting their tokens takes up to milliseconds.
const EVENT_LOOP_BODY: usize = 16 << 10;
/// The memory of larger bodies, in bytes, is reserved.
const LARGE_BODY: usize = 64 << 10;
/// Memory that reading a large body takes, for each of its bytes: its parts, and an answer with its tokens.
const BYTES_PER_BODY_BYTE: u64 = 4;
/// No answer takes more memory, in bytes.
const ANSWER_BYTES_MAX: u64 = 128 << 20;

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
    body: Body,
    /// The memory that is reserved for a large body and its answer.
    memory: Option<ReservedMemory>,
}

/// A request with its whole body.
#[derive(Clone, Copy, Debug)]
pub struct Incoming<'a> {
    /// The shared state of all requests.
    pub server: &'a ServerContext,
    /// Its headers.
    pub headers: &'a HeaderMap,
    /// Its whole body.
    pub body: &'a [u8],
    /// When its head arrived: delays start here.
    pub at: Instant,
    /// What is logged about it, if anything is.
    pub(crate) log: Option<&'a RequestLog>,
    /// The name of Azure's deployment in its path.
    pub(crate) deployment: Option<&'a str>,
    /// What the request overrides by its headers.
    pub(crate) overrides: Option<&'a Overrides>,
    /// The cache of compiled schemas.
    pub(crate) schemas: &'a Schemas,
    /// What it may cost.
    pub(crate) limit: &'a WorkLimit,
}

/// An attempt to read a request.
enum Attempt<T> {
    Done(Result<T, Problem>),
    /// It costs more than it may; the bytes of its answer, if they are known.
    Postponed {
        bytes: Option<u64>,
    },
}

/// What a thread needs to read a request.
struct Reading {
    server: Arc<ServerContext>,
    headers: HeaderMap,
    body: Bytes,
    at: Instant,
    log: Option<Arc<RequestLog>>,
    deployment: Option<Deployment>,
    overrides: Option<Arc<Overrides>>,
}

impl Reading {
    fn incoming<'a>(&'a self, schemas: &'a Schemas, limit: &'a WorkLimit) -> Incoming<'a> {
        let Self { server, headers, body, at, log, deployment, overrides } = self;
        let (log, deployment) = (log.as_deref(), deployment.as_ref().map(|name| &*name.0));
        let overrides = overrides.as_deref();
        Incoming { server, headers, body, at: *at, log, deployment, overrides, schemas, limit }
    }
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
        let deployment = parts.extensions.remove();
        Self {
            server,
            route,
            arrival,
            parts,
            log,
            deployment,
            overrides: None,
            postponed: Duration::ZERO,
            body,
            memory: None,
        }
    }

    /// Whether it has a body.
    pub(crate) fn has_body(&self) -> bool {
        !self.body.is_end_stream()
    }

    /// Reads the whole body, up to the configured limit, and decodes its content encoding. A large one waits until there
    /// is memory for it.
    pub async fn body(&mut self) -> Result<Bytes, Problem> {
        let limit = self.server.config.body_limit;
        let announced = self.body.size_hint().lower();
        if announced > limit as u64 {
            return Err(Problem::too_large(limit));
        }
        let mut expected = LARGE_BODY;
        let mut first: Option<Bytes> = None;
        let mut joined = BytesMut::new();
        while let Some(frame) = self.body.frame().await {
            let Ok(data) = frame.map_err(|error| Problem::broken_body(&error))?.into_data() else { continue };
            let received = joined.len() + first.as_ref().map_or(0, Bytes::len) + data.len();
            if received > limit {
                return Err(Problem::too_large(limit));
            }
            if received.max(announced as usize) > expected {
                // Without a length, its end is not known.
                expected = limit.min(2 * received).max(announced as usize);
                Box::pin(self.reserve_for_body(expected)).await?;
            }
            match first.take() {
                None if joined.is_empty() => first = Some(data),
                earlier => {
                    joined.extend_from_slice(&earlier.unwrap_or_default());
                    joined.extend_from_slice(&data);
                }
            }
        }
        let body = first.unwrap_or_else(|| joined.freeze());
        match Encoding::of(&self.parts.headers)? {
            None => Ok(body),
            Some(encoding) => Box::pin(self.decode(encoding, body)).await,
        }
    }

    /// Returns the whole body, which can be read again.
    pub(crate) async fn buffered_body(&mut self) -> Result<Bytes, Problem> {
        let body = self.body().await?;
        self.parts.headers.remove(header::CONTENT_ENCODING);
        self.body = Body::from(body.clone());
        Ok(body)
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

    /// What is logged about the request, if anything is.
    pub(crate) fn log(&self) -> Option<&Arc<RequestLog>> {
        self.log.as_ref()
    }

    /// The name of Azure's deployment in its path.
    pub(crate) fn deployment(&self) -> Option<&str> {
        self.deployment.as_ref().map(|name| &*name.0)
    }

    /// Decodes a body whose decoded size is not known.
    async fn decode(&mut self, encoding: Encoding, body: Bytes) -> Result<Bytes, Problem> {
        let limit = self.server.config.body_limit;
        let small = limit.min(LARGE_BODY);
        let encoded = body.clone();
        let threads = || Arc::clone(&self.server.work_threads);
        let decoded = work_beside(threads(), move || encoding.decode(&encoded, small)).await;
        if !decoded.as_ref().is_err_and(|problem| problem.kind == ProblemKind::TooLarge) || small == limit {
            return decoded;
        }
        let threads = threads();
        self.reserve_for_body(limit).await?;
        let decoded = work_beside(threads, move || encoding.decode(&body, limit)).await?;
        self.shrink_memory(decoded.len().saturating_mul(BYTES_PER_BODY_BYTE as usize));
        Ok(decoded)
    }

    async fn reserve_for_body(&mut self, bytes: usize) -> Result<(), Problem> {
        self.reserve((bytes as u64).saturating_mul(BYTES_PER_BODY_BYTE)).await
    }

    /// Passes the whole body to `read`. It is called again if its work is too long for the event loop, or its answer needs
    /// memory that must be reserved first.
    pub async fn read<T, F>(&mut self, read: F) -> Result<T, Problem>
    where
        T: Send + 'static,
        F: Fn(Incoming<'_>) -> Result<T, Problem> + Send + Sync + 'static,
    {
        let body = self.body().await?;
        let mut bytes = None;
        if body.len() <= EVENT_LOOP_BODY {
            match self.attempt(&body, &read) {
                Attempt::Done(result) => return result,
                Attempt::Postponed { bytes: needed } => bytes = needed,
            }
        }
        // Boxed, so that the usual request does not hold it.
        Box::pin(self.read_beside(body, bytes.unwrap_or(0), read)).await
    }

    /// Reads outside the event loop, after `reserved` bytes were reserved for the answer.
    async fn read_beside<T, F>(&mut self, body: Bytes, mut reserved: u64, read: F) -> Result<T, Problem>
    where
        T: Send + 'static,
        F: Fn(Incoming<'_>) -> Result<T, Problem> + Send + Sync + 'static,
    {
        if reserved > 0 {
            self.reserve_answer(reserved, &body).await?;
        }
        let read = Arc::new(read);
        loop {
            let reading = self.reading(&body);
            let again = Arc::clone(&read);
            let limit = move || if reserved == 0 { WorkLimit::reserved(0) } else { WorkLimit::none() };
            let attempt = work_beside(Arc::clone(&self.server.work_threads), move || {
                let (limit, schemas) = (limit(), reading.server.planner.schemas().clone());
                let result = again(reading.incoming(&schemas, &limit));
                Ok(limit
                    .exceeded()
                    .map_or(Attempt::Done(result), |bytes| Attempt::Postponed { bytes: Some(bytes) }))
            });
            match attempt.await? {
                Attempt::Done(result) => return result,
                Attempt::Postponed { bytes } => reserved = bytes.unwrap_or(0).max(1),
            }
            self.reserve_answer(reserved, &body).await?;
        }
    }

    /// Reads on the event loop, without compiling schemas.
    fn attempt<T>(&self, body: &Bytes, read: impl Fn(Incoming<'_>) -> Result<T, Problem>) -> Attempt<T> {
        let limit = WorkLimit::event_loop();
        let schemas = self.server.planner.schemas().without_compilation();
        let result = read(Incoming {
            server: &self.server,
            headers: &self.parts.headers,
            body,
            at: self.due_from(),
            log: self.log.as_deref(),
            deployment: self.deployment(),
            overrides: self.overrides.as_deref(),
            schemas: &schemas,
            limit: &limit,
        });
        match (limit.exceeded(), schemas.is_postponed()) {
            (None, false) => Attempt::Done(result),
            (bytes, _) => Attempt::Postponed { bytes },
        }
    }

    /// All that a thread needs to read the request.
    fn reading(&self, body: &Bytes) -> Reading {
        Reading {
            server: Arc::clone(&self.server),
            headers: self.parts.headers.clone(),
            body: body.clone(),
            at: self.due_from(),
            log: self.log.clone(),
            deployment: self.deployment.clone(),
            overrides: self.overrides.clone(),
        }
    }

    /// Reserves memory for an answer of `bytes` bytes, besides that of a large body.
    async fn reserve_answer(&mut self, bytes: u64, body: &Bytes) -> Result<(), Problem> {
        let of_body = if body.len() > LARGE_BODY { body.len() as u64 } else { 0 };
        self.reserve(bytes.saturating_add(of_body.saturating_mul(BYTES_PER_BODY_BYTE))).await
    }

    /// Waits for `bytes` bytes of memory, instead of what is reserved already; held until the response has ended.
    async fn reserve(&mut self, bytes: u64) -> Result<(), Problem> {
        // Not both: two requests could wait for each other.
        self.memory = None;
        let bytes = bytes.min(ANSWER_BYTES_MAX) as usize;
        self.memory = Some(self.server.answer_memory.reserve(&self.server.clock, bytes).await?);
        Ok(())
    }

    /// Does work that takes about `bytes` bytes of memory: outside the event loop, if they are many.
    pub(crate) async fn produce<T: Send + 'static>(
        &mut self,
        bytes: u64,
        work: impl FnOnce() -> Result<T, Problem> + Send + 'static,
    ) -> Result<T, Problem> {
        if bytes <= LARGE_BODY as u64 {
            return work();
        }
        self.reserve(bytes).await?;
        work_beside(Arc::clone(&self.server.work_threads), work).await
    }

    /// Gives back the memory that exceeds the answer's `bytes`.
    pub(crate) fn shrink_memory(&mut self, bytes: usize) {
        if let Some(memory) = &mut self.memory {
            memory.shrink(bytes);
        }
    }

    /// The memory that is reserved for the answer.
    pub(crate) fn take_memory(&mut self) -> Option<ReservedMemory> {
        self.memory.take()
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
        if let Some(extras) = &problem.extras {
            headers.extend(extras.headers.clone());
        }
        dialect.add_headers(self.elapsed(), &digits, headers);
        response
    }
}

/// Does work of milliseconds outside the event loop, on as many threads as there are processors.
async fn work_beside<T: Send + 'static>(
    threads: Arc<Semaphore>,
    work: impl FnOnce() -> Result<T, Problem> + Send + 'static,
) -> Result<T, Problem> {
    // The semaphore is never closed.
    let permit = threads.acquire_owned().await.ok();
    let work = move || {
        let _permit = permit;
        work()
    };
    tokio::task::spawn_blocking(work).await.unwrap_or_else(|error| {
        Err(Problem::new(ProblemKind::ServerError, format!("the work could not be done: {error}")))
    })
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
