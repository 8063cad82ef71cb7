//! The metrics of vLLM, by its names, types and labels: autoscalers and inference gateways read them.

mod model_metrics;
mod replicas;

use std::{
    collections::BTreeMap,
    fmt,
    sync::{Arc, Mutex, OnceLock, PoisonError},
};

use prometheus_client::{collector::Collector, encoding::DescriptorEncoder};
use weir_model::{Profile, ProfileEngine};

pub(super) use model_metrics::{CallTimes, FinishedReason, ModelMetrics};

/// The metrics of each model that was called, by its name: models are those of the catalogue, so their number is bounded.
#[derive(Debug, Default)]
pub(super) struct VllmMetrics {
    models: Mutex<BTreeMap<Arc<str>, Arc<ModelMetrics>>>,
    /// The engine whose replicas are shown.
    engine: OnceLock<Arc<ProfileEngine>>,
}

impl VllmMetrics {
    /// Shows the replicas of `engine`, unless those of another one are shown.
    pub(super) fn show_replicas(&self, engine: Arc<ProfileEngine>) {
        let _ = self.engine.set(engine);
    }

    pub(super) fn of(&self, profile: &Profile) -> Arc<ModelMetrics> {
        let mut models = self.models.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(metrics) = models.get(&profile.name) {
            return Arc::clone(metrics);
        }
        let metrics = Arc::new(ModelMetrics::new(profile));
        models.insert(Arc::clone(&profile.name), Arc::clone(&metrics));
        metrics
    }
}

impl Collector for VllmMetrics {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> fmt::Result {
        let models: Vec<_> = {
            let models = self.models.lock().unwrap_or_else(PoisonError::into_inner);
            models.values().cloned().collect()
        };
        if models.is_empty() {
            return Ok(());
        }
        let replicas = self.engine.get().into_iter().flat_map(|engine| engine.stats()).collect();
        replicas::encode(&models, &replicas, &mut encoder)?;
        model_metrics::encode(&models, &mut encoder)
    }
}
