//! Baselines of load tests: results are read from one folder, and their summaries are stored in
//! another.

mod fault;
mod figures;
mod folder;
mod json;
mod name;
mod percentile;
mod recommendation;
mod report;
mod requests;
mod results;
mod store;

pub(super) use requests::{list, make, one, report};
pub(super) use store::{Store, limits};
