//! The observed workflow service.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use weir_pace::Latency;
use weir_server::{Backend, ServerContext, StartError};

use super::{
    config::{ObservabilityConfig, RawObservability, WatchCosts},
    queue::Queue,
    recent_errors::RecentErrors,
    statistics::{Counts, RunStatistics},
};

/// The observed workflow service. Its state is bounded: counters, a queue and a list of errors.
#[derive(Debug)]
pub struct Observability {
    pub(super) settings: Arc<ObservabilityConfig>,
    /// At the server's time scale, like the next field.
    pub(super) costs: WatchCosts,
    pub(super) export_time: Latency,
    statistics: Mutex<RunStatistics>,
}

impl Backend for Observability {
    const NAME: &'static str = "observability";

    type Settings = RawObservability;

    fn start(settings: Arc<ObservabilityConfig>, server: &Arc<ServerContext>) -> Result<Self, StartError> {
        server.require_model("observability.model", &settings.model)?;
        let scale = server.config.time_scale;
        let costs = &settings.costs;
        let export_time = settings.export_time.scaled(scale);
        let rng = server.config.seed.named("trace export").rng();
        let queue = Queue::new(settings.queue_capacity, settings.flush_interval, export_time.clone(), rng);
        Ok(Self {
            costs: WatchCosts {
                langfuse_export: costs.langfuse_export.scaled(scale),
                async_trace_export: costs.async_trace_export.scaled(scale),
                model_costs: costs.model_costs.scaled(scale),
                similarity_logging: costs.similarity_logging.scaled(scale),
            },
            export_time,
            statistics: Mutex::new(RunStatistics {
                queue,
                recent_errors: RecentErrors::default(),
                counts: Counts::default(),
            }),
            settings,
        })
    }
}

impl Observability {
    /// Locks the statistics.
    pub(super) fn statistics(&self) -> MutexGuard<'_, RunStatistics> {
        self.statistics.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
