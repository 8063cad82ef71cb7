//! What a worker hands over once a second.

use std::time::{Duration, Instant};

use crate::record::Interval;
use weir_results::EndReason;

/// The figures of one worker's last second.
#[derive(Debug)]
pub(super) struct Delivery {
    pub(super) worker: usize,
    /// The second of the run that it belongs to, from 0.
    pub(super) second: u64,
    pub(super) interval: Interval,
    /// Users running, or arrivals in flight.
    pub(super) users: u64,
    /// Processor time of its thread so far.
    pub(super) cpu: Option<Duration>,
    /// With the last one.
    pub(super) farewell: Option<Farewell>,
}

/// How a worker ended.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub(super) struct Farewell {
    pub(super) ended: EndReason,
    /// When the measured window ended, if not with the last request.
    pub(super) window_end: Option<Instant>,
    pub(super) unfinished: u64,
}
