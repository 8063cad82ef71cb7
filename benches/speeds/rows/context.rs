//! Types shared by all groups of rows.

use anyhow::{Context as _, Result};
use tokio::runtime::Runtime;

use super::{chains, chat, dialects, generator, live, memory, oha, pacing, ttft};
use crate::{machine::Machine, options::Length, table::Row};

/// Cores and duration of the measurement.
#[derive(Clone, Copy, Debug)]
pub(crate) struct BenchContext<'a> {
    pub(crate) machine: &'a Machine,
    pub(crate) length: Length,
}

/// Rows that are measured together.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Group {
    /// The name that the filter is matched against.
    pub(crate) name: &'static str,
    pub(crate) run: fn(&BenchContext<'_>) -> Result<Vec<Row>>,
}

/// All groups, in the order of the table.
pub(crate) const GROUPS: [Group; 17] = [
    Group { name: "plain chat", run: chat::plain },
    Group { name: "streamed chat", run: chat::streamed },
    Group { name: "dialects", run: dialects::rows },
    Group { name: "embeddings", run: dialects::embeddings },
    Group { name: "pacing", run: pacing::rows },
    Group { name: "ttft error", run: ttft::rows },
    Group { name: "against oha", run: oha::rows },
    Group { name: "streamed load", run: generator::streamed },
    Group { name: "arrivals", run: generator::arrivals },
    Group { name: "live views", run: live::rows },
    Group { name: "memory", run: memory::rows },
    Group { name: "growth", run: generator::growth },
    Group { name: "parallel steps", run: chains::parallel },
    Group { name: "step overhead", run: chains::overhead },
    Group { name: "chain runs", run: chains::runs },
    Group { name: "capped calls", run: chains::capped },
    Group { name: "cache hit", run: chains::cache_hit },
];

/// A runtime on this thread alone, which runs on the clients' core.
pub(crate) fn client_runtime() -> Result<Runtime> {
    tokio::runtime::Builder::new_current_thread().enable_io().build().context("cannot start a runtime")
}

/// The median; the upper one of an even number of values.
pub(crate) fn median(mut figures: Vec<f64>) -> f64 {
    figures.sort_by(f64::total_cmp);
    figures.get(figures.len() / 2).copied().unwrap_or(f64::NAN)
}
