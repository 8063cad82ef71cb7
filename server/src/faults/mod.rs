//! Simulated faults: which requests meet one, and what it does to their answers.
//!
//! # Layout
//! - `catalogue`: all faults, with their parameters; `spec`: a fault as users write it; `fault`: a checked one
//! - `window`, `counts`: conditions of time and number; `settings`: `[[fault]]` and its checks; `rules`: which rule a
//!   request matches
//! - `endpoints`: the paths of endpoints, and whether they stream
//! - `report`: what is recorded of a fault; `stream`: bodies with faults; `injection`: applies a fault to one request
//! - `state`: the faults of a server

mod catalogue;
mod counts;
mod endpoints;
mod fault;
mod injection;
mod report;
mod rules;
mod settings;
mod spec;
mod state;
mod stream;
mod window;

pub use catalogue::{FAULTS, FaultInfo, FaultParameter, FaultScope, fault_info};
pub(crate) use settings::RawFaults;
pub(crate) use state::{FAULT_TABLE, Faults, REFUSE, Refusals};
