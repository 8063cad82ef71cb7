//! Whether the generator itself can be trusted.

use serde::{Deserialize, Serialize};

use crate::histogram::Histogram;

/// The generator's measurements of itself.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Generator {
    /// Worker threads.
    pub workers: u64,
    /// How late requests were started against the schedule (an arrival's instant, or the end of a think time).
    pub lateness: Histogram,
    /// How late a task that repeatedly waits 10 ms was woken.
    pub loop_lag: Histogram,
    /// Cores that the workers kept busy on average (1.0: one core); `None` if the system does not report it.
    pub cpu_share: Option<f64>,
    /// The counts of the arrivals of an open loop.
    pub arrivals: Option<ArrivalCounts>,
    /// Whether the target runs on this machine, so that it competes with the generator for cores.
    pub shares_cores_with_target: bool,
    /// Whether the figures can be trusted.
    pub validity: Validity,
}

/// The counts of the arrivals of an open loop.
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct ArrivalCounts {
    /// Planned arrivals.
    pub planned: u64,
    /// Arrivals that were started.
    pub started: u64,
    /// Of these, arrivals that started more than 1 ms late.
    pub late: u64,
    /// Of these, arrivals that had to wait because the allowed number of requests was in flight.
    pub queued: u64,
    /// Arrivals that were never started, because the queue was full or the run had ended.
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

/// Whether the generator kept its schedule well enough for its figures to describe the target.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case", tag = "verdict", deny_unknown_fields)]
pub enum Validity {
    /// The generator kept its schedule.
    Valid,
    /// The generator was the bottleneck.
    Invalid {
        /// One sentence per exceeded bound, with the excess.
        reasons: Vec<String>,
    },
}
