//! The groups of rows, in the order of the table.

mod chains;
mod chat;
mod context;
mod dialects;
mod generator;
mod live;
mod memory;
mod oha;
mod pacing;
mod ttft;

pub(crate) use context::{BenchContext, GROUPS, client_runtime, median};
