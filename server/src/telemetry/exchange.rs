//! One request from its arrival to the end of its answer.

use std::{sync::Arc, time::Instant};

use http::StatusCode;

use super::Metrics;
use crate::api::Endpoint;

/// The status that is counted for a client that left before its answer began (nginx's number for it).
const CLIENT_LEFT: u16 = 499;

/// Counts a request as in flight until it is dropped, at the end of the answer or when the client leaves.
#[derive(Debug)]
pub(crate) struct Exchange {
    metrics: Arc<Metrics>,
    endpoint: Endpoint,
    start: Instant,
    status: u16,
}

impl Exchange {
    pub(crate) fn begin(metrics: &Arc<Metrics>, endpoint: Endpoint, start: Instant) -> Self {
        metrics.in_flight.inc();
        Self { metrics: Arc::clone(metrics), endpoint, start, status: CLIENT_LEFT }
    }

    /// The answer begins.
    pub(crate) fn answer(&mut self, status: StatusCode) {
        self.status = status.as_u16();
    }
}

impl Drop for Exchange {
    fn drop(&mut self) {
        self.metrics.in_flight.dec();
        self.metrics.answered(self.endpoint, self.status, self.start.elapsed().as_secs_f64());
    }
}
