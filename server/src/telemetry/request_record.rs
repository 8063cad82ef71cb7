//! The record of one request from its arrival to the end of its response.

use std::{sync::Arc, time::Instant};

use http::StatusCode;

use super::{Metrics, RequestLog};

/// The status that is counted for a client that left before its answer began (nginx's number for it).
const CLIENT_LEFT: u16 = 499;

/// Counts a request as in flight until it is dropped, at the end of the answer or when the client leaves.
#[derive(Debug)]
pub(crate) struct RequestRecord {
    metrics: Arc<Metrics>,
    /// The path of its route.
    path: &'static str,
    start: Instant,
    status: u16,
    /// The line to log, if one is wanted.
    log: Option<Arc<RequestLog>>,
}

impl RequestRecord {
    pub(crate) fn begin(
        metrics: &Arc<Metrics>,
        path: &'static str,
        start: Instant,
        log: Option<Arc<RequestLog>>,
    ) -> Self {
        metrics.in_flight.inc();
        Self { metrics: Arc::clone(metrics), path, start, status: CLIENT_LEFT, log }
    }

    /// Records the beginning of the response.
    pub(crate) fn answer(&mut self, status: StatusCode) {
        self.status = status.as_u16();
    }
}

impl Drop for RequestRecord {
    fn drop(&mut self) {
        self.metrics.in_flight.dec();
        if let Some(log) = &self.log {
            log.write(self.status, self.start);
        }
        self.metrics.answered(self.path, self.status, self.start.elapsed().as_secs_f64());
    }
}
