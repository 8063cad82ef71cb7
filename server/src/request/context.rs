//! One request on its way through a handler.

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

use super::{Dialect, Problem, ProblemKind, Route, json};
use crate::{connection::Arrival, context::ServerContext};

/// Headers that an answer usually has.
const HEADERS: usize = 8;
/// Bodies above this, in bytes, are read beside the event loop.
const LARGE_BODY: usize = 64 << 10;

/// One request on its way through a handler.
#[derive(Debug)]
pub struct RequestContext {
    /// What all requests share.
    pub server: Arc<ServerContext>,
    /// Where and how the endpoint is served.
    pub route: Route,
    /// When its head had come, and on which connection.
    pub arrival: Arrival,
    /// The head of the request.
    pub parts: Parts,
    body: Body,
}

/// A request that has come whole.
#[derive(Clone, Copy, Debug)]
pub struct Incoming<'a> {
    /// What all requests share.
    pub server: &'a ServerContext,
    /// Its headers.
    pub headers: &'a HeaderMap,
    /// Its whole body.
    pub body: &'a [u8],
    /// When its head had come: delays count from here.
    pub at: Instant,
}

/// Whether a stream's end tells the timing about its times.
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
        Self { server, route, arrival, parts, body }
    }

    /// The whole body, up to the configured limit.
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
        Ok(first.unwrap_or_else(|| joined.freeze()))
    }

    /// What `read` makes of the whole body. A large one is read beside the event loop: counting its tokens takes
    /// milliseconds.
    pub async fn read<T, F>(&mut self, read: F) -> Result<T, Problem>
    where
        T: Send + 'static,
        F: FnOnce(Incoming<'_>) -> Result<T, Problem> + Send + 'static,
    {
        let body = self.body().await?;
        let at = self.arrival.at;
        if body.len() <= LARGE_BODY {
            return read(Incoming { server: &self.server, headers: &self.parts.headers, body: &body, at });
        }
        let (server, headers) = (Arc::clone(&self.server), self.parts.headers.clone());
        beside(move || read(Incoming { server: &server, headers: &headers, body: &body, at })).await
    }

    /// The part of the path that names a chain or a connector.
    pub async fn name(&mut self) -> Result<String, Problem> {
        let path = self.parts.extract::<Path<String>>().await;
        path.map(|Path(name)| name).map_err(|error| Problem::invalid(None, error.to_string()))
    }

    /// The query's pairs.
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

    /// The API that the client speaks.
    pub(crate) fn dialect(&self) -> &'static dyn Dialect {
        (self.route.dialect)(&self.parts.headers)
    }

    /// What to wait for before a problem is told, where a script wants it.
    pub(crate) fn wait_before(&self, problem: &Problem) -> Option<Sleep> {
        let delay = problem.scripted.as_ref()?.delay.mul_f64(self.server.config.time_scale);
        Some(self.server.clock.sleep_until(self.arrival.at + delay))
    }

    /// The answer that says what the problem is, in the dialect of the endpoint.
    pub fn refuse(&self, problem: &Problem) -> Response {
        if !self.body.is_end_stream() {
            self.arrival.log.leave_unread();
        }
        let (dialect, digits) = (self.dialect(), self.server.ids.next());
        let mut response = json_answer(&dialect.error_body(problem, &digits));
        *response.status_mut() = problem.status();
        let headers = response.headers_mut();
        if problem.kind == ProblemKind::InvalidKey {
            // Every 401 says how one is let in (RFC 9110, 15.5.2).
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        problem.tell_retry(headers);
        if let Some(extras) = &problem.extras {
            headers.extend(extras.headers.clone());
        }
        dialect.add_headers(self.elapsed(), &digits, headers);
        response
    }
}

/// Does work of milliseconds beside the event loop.
pub(crate) async fn beside<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Problem> + Send + 'static,
) -> Result<T, Problem> {
    tokio::task::spawn_blocking(work).await.unwrap_or_else(|error| {
        Err(Problem::new(ProblemKind::ServerError, format!("the work could not be done: {error}")))
    })
}

/// An answer in JSON.
pub fn json_answer(body: &serde_json::Value) -> Response {
    json_body(body.to_string().into())
}

/// An answer in JSON that has been written.
pub(crate) fn json_body(body: Bytes) -> Response {
    let mut response = Response::new(Body::from(body));
    // As many as most APIs' answers have: it need not grow.
    response.headers_mut().reserve(HEADERS);
    response.headers_mut().insert(header::CONTENT_TYPE, json::CONTENT_TYPE);
    response
}
