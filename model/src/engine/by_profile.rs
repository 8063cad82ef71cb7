//! The engine that each profile names.

use std::{
    collections::BTreeMap,
    sync::{Arc, PoisonError, RwLock},
};

use weir_pace::Seed;

use super::{BatchingEngine, Engine, IndependentEngine, Job, Lease, ReplicaStats};
use crate::{
    profile::{BatchingConfig, EngineConfig},
    refusal::Refusal,
};

/// Admits each call to the engine that its profile names. Profiles do not share replicas.
#[derive(Debug)]
pub struct ProfileEngine {
    independent: IndependentEngine,
    /// By the names of profiles: there are at most as many as profiles.
    batching: RwLock<BTreeMap<Arc<str>, Arc<BatchingEngine>>>,
    time_scale: f64,
}

impl ProfileEngine {
    /// Idle engines that multiply all delays by `time_scale`.
    pub fn new(seed: Seed, time_scale: f64) -> Self {
        let independent = IndependentEngine::new(seed, time_scale);
        Self { independent, batching: RwLock::default(), time_scale }
    }

    /// The replicas of each profile that has had calls and has a batching engine.
    pub fn stats(&self) -> Vec<(Arc<str>, Vec<ReplicaStats>)> {
        let engines = self.batching.read().unwrap_or_else(PoisonError::into_inner);
        engines.iter().map(|(name, engine)| (Arc::clone(name), engine.stats())).collect()
    }

    /// The engine of the profile `name`; a new one, if there is none with these settings.
    fn batching(&self, name: &Arc<str>, config: &Arc<BatchingConfig>) -> Arc<BatchingEngine> {
        let is_current =
            |engine: &&Arc<BatchingEngine>| Arc::ptr_eq(engine.config(), config) || engine.config() == config;
        let engines = self.batching.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(engine) = engines.get(name).filter(is_current) {
            return Arc::clone(engine);
        }
        drop(engines);
        let mut engines = self.batching.write().unwrap_or_else(PoisonError::into_inner);
        if let Some(engine) = engines.get(name).filter(is_current) {
            return Arc::clone(engine);
        }
        let engine = Arc::new(BatchingEngine::new(Arc::clone(config), self.time_scale));
        engines.insert(Arc::clone(name), Arc::clone(&engine));
        engine
    }
}

impl Engine for ProfileEngine {
    fn admit(&self, job: Job) -> Result<Lease, Refusal> {
        match &job.profile.engine {
            // A call with a fixed duration takes no part in the steps.
            EngineConfig::Batching(config) if job.total.is_none() => {
                self.batching(&job.profile.name, config).admit(job)
            }
            EngineConfig::Batching(_) | EngineConfig::Independent => self.independent.admit(job),
        }
    }
}
