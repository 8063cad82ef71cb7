//! The run second by second.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::histogram::{Histogram, PackedHistogram};
use crate::units::to_ms;

/// One second of the run. A request belongs to the second in which it ended; latencies are in milliseconds, and
/// absent where the second has too few of them.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Second {
    /// Seconds since the run began, at this second's beginning.
    pub at_s: u64,
    /// Whether its figures count.
    pub phase: Phase,
    /// Users running at its end; of an open loop, requests in flight.
    pub users: u64,
    /// Requests started.
    pub started: u64,
    /// Requests completed.
    pub completed: u64,
    /// Requests failed.
    pub failed: u64,
    /// Requests rate limited.
    pub rate_limited: u64,
    /// Output tokens of the completed ones.
    pub tokens: u64,
    /// Bytes of response bodies.
    pub bytes_received: u64,
    /// Median e2e.
    pub e2e_p50_ms: Option<f64>,
    /// 95th percentile of e2e.
    pub e2e_p95_ms: Option<f64>,
    /// 99th percentile of e2e.
    pub e2e_p99_ms: Option<f64>,
    /// Median TTFT.
    pub ttft_p50_ms: Option<f64>,
    /// 95th percentile of TTFT.
    pub ttft_p95_ms: Option<f64>,
    /// Median gap between content events.
    pub itl_p50_ms: Option<f64>,
    /// Every e2e of the second, for merging and cumulating.
    pub e2e: PackedHistogram,
    /// Every TTFT.
    pub ttft: PackedHistogram,
    /// Every gap between content events.
    pub itl: PackedHistogram,
}

impl Second {
    /// Sets the percentiles and histograms of these latencies.
    pub fn with_latencies(self, e2e: &Histogram, ttft: &Histogram, itl: &Histogram) -> Self {
        let ms = |histogram: &Histogram, q| histogram.quantile(q).map(to_ms);
        Self {
            e2e_p50_ms: ms(e2e, 0.5),
            e2e_p95_ms: ms(e2e, 0.95),
            e2e_p99_ms: ms(e2e, 0.99),
            ttft_p50_ms: ms(ttft, 0.5),
            ttft_p95_ms: ms(ttft, 0.95),
            itl_p50_ms: ms(itl, 0.5),
            e2e: PackedHistogram::of(e2e),
            ttft: PackedHistogram::of(ttft),
            itl: PackedHistogram::of(itl),
            ..self
        }
    }

    /// Returns the number of requests that ended in this second, in any way.
    #[must_use]
    pub fn ended(&self) -> u64 {
        self.completed + self.failed + self.rate_limited
    }
}

/// Whether the figures of a second count.
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    /// Before the measured window.
    WarmUp,
    /// In the measured window.
    #[default]
    Measured,
    /// After the measured window.
    CoolDown,
}

impl fmt::Display for Phase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::WarmUp => "warm_up",
            Self::Measured => "measured",
            Self::CoolDown => "cool_down",
        })
    }
}
