//! Baselines of load tests: results are read from one folder, and their summaries are stored in
//! another.

mod error;
mod figures;
mod folder;
mod json;
mod name;
mod percentile;
mod recommendation;
mod report;
mod results;
mod store;
mod summarize;

pub(super) use self::{
    figures::Baseline,
    name::FileName,
    report::Report,
    store::{BaselineId, Existing, Listing, Store, limits},
};
