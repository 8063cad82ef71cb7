//! The groups of rows, in the order of the table.

mod chains;
mod chat;
mod dialects;
mod generator;
mod live;
mod memory;
mod oha;
mod pacing;
mod stage;
mod ttft;

pub(crate) use stage::{GROUPS, Stage, client_runtime, median};
