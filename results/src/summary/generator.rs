//! How far the generator itself can be trusted.

use serde::{Deserialize, Serialize};

use crate::histogram::Histogram;

/// What the generator measured of itself.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Generator {
    /// Threads that made the load.
    pub workers: u64,
    /// How late requests were started against the schedule (an arrival's instant, or the end of a think time).
    pub lateness: Histogram,
    /// How late a task that only ever waits 10 ms was woken.
    pub loop_lag: Histogram,
    /// Cores that the workers kept busy on average (1.0: one core); `None` where the system does not say.
    pub cpu_share: Option<f64>,
    /// What became of the arrivals of an open loop.
    pub arrivals: Option<ArrivalCounts>,
    /// Whether the target runs on this machine, so that it competes with the generator for cores.
    pub shares_cores_with_target: bool,
    /// Whether the figures can be trusted.
    pub validity: Validity,
}

/// What became of the arrivals of an open loop.
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct ArrivalCounts {
    /// Arrivals that the schedule held.
    pub planned: u64,
    /// Arrivals that were started.
    pub started: u64,
    /// Of these, such as started more than 1 ms after their instant.
    pub late: u64,
    /// Of these, such as had to wait because as many requests as allowed were in flight.
    pub queued: u64,
    /// Arrivals that were never started, because the queue was full or the run over.
    pub shed: u64,
    /// The longest queue of any worker.
    pub queue_max: u64,
}

impl ArrivalCounts {
    /// Adds the arrivals of another worker or run.
    pub fn merge(&mut self, other: &Self) {
        // Without `..`: a new field has to be merged here.
        let Self { planned, started, late, queued, shed, queue_max } = other;
        self.planned += planned;
        self.started += started;
        self.late += late;
        self.queued += queued;
        self.shed += shed;
        self.queue_max = self.queue_max.max(*queue_max);
    }
}

/// Whether the generator kept its schedule well enough for its figures to mean the target.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case", tag = "verdict", deny_unknown_fields)]
pub enum Validity {
    /// It did.
    Valid,
    /// It was itself the bottleneck.
    Invalid {
        /// Which bound was exceeded by how much, a sentence each.
        reasons: Vec<String>,
    },
}
