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
use weir_pace::Sleep;

use super::{Dialect, Problem, ProblemKind, Route, encoding::Encoding, json};
use crate::{connection::Arrival, context::ServerContext, telemetry::RequestLog};

/// The usual number of headers of a response.
const HEADERS: usize = 8;
/// Larger bodies, in bytes, are read outside the event loop.
const LARGE_BODY: usize = 64 << 10;

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
    body: Body,
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
        let arrival = arrival.unwrap_or_else(|| Arrival { at: server.clock.now(), log: Arc::default() });
        arrival.log.begin();
        let log = if server.logs_requests { parts.extensions.remove() } else { None };
        Self { server, route, arrival, parts, log, body }
    }

    /// Reads the whole body, up to the configured limit, and decodes its content encoding.
    pub async fn body(&mut self) -> Result<Bytes, Problem> {
        let limit = self.server.config.body_limit;
        if self.body.size_hint().lower() > limit as u64 {
            return Err(Problem::too_large(limit));
        }
        let mut first: Option<Bytes> = None;
        let mut joined = BytesMut::new();
        while let Some(frame) = self.body.frame().await {
            let Ok(data) = frame.map_err(|error| Problem::broken_body(&error))?.into_data() else { continue };
            let held = joined.len() + first.as_ref().map_or(0, Bytes::len);
            if held + data.len() > limit {
                return Err(Problem::too_large(limit));
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
            Some(encoding) => beside(move || encoding.decode(&body, limit)).await,
        }
    }

    /// Passes the whole body to `read`. A large one is read outside the event loop: counting its tokens takes
    /// milliseconds.
    pub async fn read<T, F>(&mut self, read: F) -> Result<T, Problem>
    where
        T: Send + 'static,
        F: FnOnce(Incoming<'_>) -> Result<T, Problem> + Send + 'static,
    {
        let body = self.body().await?;
        let at = self.arrival.at;
        if body.len() <= LARGE_BODY {
            let (headers, log) = (&self.parts.headers, self.log.as_deref());
            return read(Incoming { server: &self.server, headers, body: &body, at, log });
        }
        let (server, headers, log) = (Arc::clone(&self.server), self.parts.headers.clone(), self.log.clone());
        beside(move || {
            read(Incoming { server: &server, headers: &headers, body: &body, at, log: log.as_deref() })
        })
        .await
    }

    /// The name of a chain or connector in the path.
    pub async fn name(&mut self) -> Result<String, Problem> {
        let path = self.parts.extract::<Path<String>>().await;
        path.map(|Path(name)| name).map_err(|error| Problem::invalid(None, error.to_string()))
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
        *response.status_mut() = problem.status();
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

/// Runs work of milliseconds outside the event loop.
pub(crate) async fn beside<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Problem> + Send + 'static,
) -> Result<T, Problem> {
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
