//! What the observed workflow service keeps.

use std::sync::{Mutex, MutexGuard, PoisonError};

use weir_pace::Latency;

use super::{
    books::{Books, Counts},
    faults::Faults,
    queue::Queue,
};
use crate::config::{Config, WatchCosts};

/// What the observed workflow service keeps: counters, and a queue and a list of errors that are bounded.
#[derive(Debug)]
pub(crate) struct State {
    /// At the server's time scale, as is the next.
    pub(super) costs: WatchCosts,
    pub(super) export_time: Latency,
    books: Mutex<Books>,
}

impl State {
    pub(crate) fn new(config: &Config) -> Self {
        let settings = &config.observability;
        let scale = config.time_scale;
        let costs = &settings.costs;
        let export_time = settings.export_time.scaled(scale);
        let rng = config.seed.named("trace export").rng();
        let queue = Queue::new(settings.queue_capacity, settings.flush_interval, export_time.clone(), rng);
        Self {
            costs: WatchCosts {
                langfuse_export: costs.langfuse_export.scaled(scale),
                async_trace_export: costs.async_trace_export.scaled(scale),
                model_costs: costs.model_costs.scaled(scale),
                similarity_logging: costs.similarity_logging.scaled(scale),
            },
            export_time,
            books: Mutex::new(Books { queue, faults: Faults::default(), counts: Counts::default() }),
        }
    }

    /// The books, for a moment.
    pub(super) fn books(&self) -> MutexGuard<'_, Books> {
        self.books.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
