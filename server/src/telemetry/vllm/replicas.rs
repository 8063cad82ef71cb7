//! The metrics of the replicas of a model: those of its batching engine, or a single one of a model whose calls share none.

use std::{collections::BTreeMap, fmt, sync::Arc};

use prometheus_client::{encoding::DescriptorEncoder, metrics::MetricType};
use weir_model::ReplicaStats;

use super::model_metrics::{ModelMetrics, encode_counter};

/// The replicas of each model with a batching engine, by its name.
pub(super) type Replicas = BTreeMap<Arc<str>, Vec<ReplicaStats>>;

/// Writes the metrics of the replicas of all models. The label `engine` is the index of the replica.
pub(super) fn encode(
    models: &[Arc<ModelMetrics>],
    replicas: &Replicas,
    encoder: &mut DescriptorEncoder<'_>,
) -> fmt::Result {
    let all = || {
        models.iter().flat_map(|model| {
            replicas_of(model, replicas).into_iter().enumerate().zip(std::iter::repeat(model))
        })
    };
    for (name, help, value) in GAUGES {
        let mut family = encoder.encode_descriptor(name, help, None, MetricType::Gauge)?;
        for ((index, replica), model) in all() {
            let labels = [("model_name", &*model.name), ("engine", &*index.to_string())];
            family.encode_family(&labels)?.encode_gauge(&value(&replica))?;
        }
    }
    let help = "Requests that lost their place in a replica to others";
    let mut family = encoder.encode_descriptor("vllm:num_preemptions", help, None, MetricType::Counter)?;
    for ((index, replica), model) in all() {
        let labels = [("model_name", &*model.name), ("engine", &*index.to_string())];
        encode_counter(family.encode_family(&labels)?, replica.preemptions)?;
    }
    Ok(())
}

fn replicas_of(model: &ModelMetrics, replicas: &Replicas) -> Vec<ReplicaStats> {
    let single = || ReplicaStats { running: model.running(), waiting: 0, kv_usage: 0.0, preemptions: 0 };
    replicas.get(&model.name).cloned().unwrap_or_else(|| vec![single()])
}

type Gauge = (&'static str, &'static str, fn(&ReplicaStats) -> f64);

const GAUGES: [Gauge; 4] = [
    ("vllm:num_requests_running", "Requests in model execution batches", |replica| replica.running as f64),
    ("vllm:num_requests_waiting", "Requests that wait for a place in a batch", |replica| {
        replica.waiting as f64
    }),
    ("vllm:kv_cache_usage_perc", "Share of the KV cache in use, from 0 to 1", |replica| replica.kv_usage),
    // The name before vLLM 0.10, which many gateways still read.
    ("vllm:gpu_cache_usage_perc", "Share of the KV cache in use, from 0 to 1", |replica| replica.kv_usage),
];
