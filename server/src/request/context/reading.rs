//! Reads a request whose whole body has arrived: on the event loop, or on a thread if that takes long.

use std::{sync::Arc, time::Instant};

use bytes::Bytes;
use http::HeaderMap;
use weir_model::Schemas;

use super::{RequestContext, work::work_beside};
use crate::{
    admission::AdmittedKey,
    context::ServerContext,
    request::{Deployment, Overrides, Problem, WorkLimit},
    telemetry::RequestLog,
};

/// Larger bodies, in bytes, are read outside the event loop: counting their tokens takes up to milliseconds.
const EVENT_LOOP_BODY: usize = 16 << 10;

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
    /// Its key, if that has a name or limits.
    pub(crate) key: Option<&'a Arc<AdmittedKey>>,
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
    key: Option<Arc<AdmittedKey>>,
}

impl Reading {
    fn incoming<'a>(&'a self, schemas: &'a Schemas, limit: &'a WorkLimit) -> Incoming<'a> {
        let Self { server, headers, body, at, log, deployment, overrides, key } = self;
        let (log, deployment) = (log.as_deref(), deployment.as_ref().map(|name| &*name.0));
        let (overrides, key) = (overrides.as_deref(), key.as_ref());
        Incoming { server, headers, body, at: *at, log, deployment, overrides, key, schemas, limit }
    }
}

impl RequestContext {
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
            key: self.key.as_ref(),
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
            key: self.key.clone(),
        }
    }
}
