//! Raw settings of the batching engine, as parsed from TOML.

use serde::Deserialize;

use crate::script::RawDelay;

/// All keys are optional.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::profile) struct RawBatching {
    pub(super) replicas: Option<u32>,
    pub(super) max_num_seqs: Option<u32>,
    pub(super) max_num_batched_tokens: Option<u32>,
    pub(super) num_gpu_blocks: Option<u32>,
    pub(super) block_size: Option<u32>,
    pub(super) enable_prefix_caching: Option<bool>,
    pub(super) scheduling_policy: Option<RawPolicy>,
    pub(super) max_waiting: Option<u32>,
    pub(super) routing: Option<RawRouting>,
    pub(super) step: Option<RawStep>,
    pub(super) disaggregated_prefill: Option<RawDisaggregated>,
}

#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum RawPolicy {
    Fcfs,
    Priority,
}

#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum RawRouting {
    RoundRobin,
    LeastLoaded,
    PrefixAware,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawStep {
    pub(super) prefill: Option<RawCurve>,
    pub(super) decode: Option<RawCurve>,
    pub(super) per_sequence: Option<RawDelay>,
    pub(super) min: Option<RawDelay>,
}

/// A curve: a table with one key.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum RawCurve {
    PolynomialMs(Vec<f64>),
    Points(Vec<RawPoint>),
}

#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawPoint {
    pub(super) at: f64,
    pub(super) takes: RawDelay,
}

#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawDisaggregated {
    pub(super) replicas: u32,
    pub(super) transfer: Option<RawDelay>,
    pub(super) transfer_per_token: Option<RawDelay>,
}
