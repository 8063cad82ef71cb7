//! What is recorded of a fault: a counter, the request log, and an entry of `Server-Timing`.

use std::sync::Arc;

use http::{HeaderMap, HeaderValue};

use crate::telemetry::{Metrics, RequestLog, SERVER_TIMING};

/// Records that a fault took effect on a request, once.
#[derive(Debug)]
pub(super) struct FaultReport {
    name: &'static str,
    metrics: Arc<Metrics>,
    log: Option<Arc<RequestLog>>,
    has_effect: bool,
}

impl FaultReport {
    pub(super) const fn new(name: &'static str, metrics: Arc<Metrics>, log: Option<Arc<RequestLog>>) -> Self {
        Self { name, metrics, log, has_effect: false }
    }

    /// Records that the fault took effect.
    pub(super) fn took_effect(&mut self) {
        if self.has_effect {
            return;
        }
        self.has_effect = true;
        self.metrics.fault(self.name);
        if let Some(log) = &self.log {
            log.set_fault(self.name);
        }
    }

    /// Adds the fault to `Server-Timing`, if it took effect.
    pub(super) fn write_to(&self, headers: &mut HeaderMap) {
        if !self.has_effect {
            return;
        }
        if let Ok(entry) = HeaderValue::try_from(format!("fault;desc=\"{}\"", self.name)) {
            headers.append(SERVER_TIMING, entry);
        }
    }
}
