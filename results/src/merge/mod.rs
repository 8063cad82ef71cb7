//! Reads saved reports and merges them into one.
//!
//! Nothing is lost: counts add up and histograms are added sample by sample. Runs that ran at the same time, as those
//! of several generators do, add up to one load: their rates and users do, too, and their seconds are laid over each
//! other according to the clocks of their machines. Runs one after another are one longer run: its rates are those over all
//! windows together, and their seconds follow each other.

mod error;
mod figures;
mod load;
mod placement;
mod report;
mod saved;
mod shape;
mod summary;
mod timeline;

pub use error::{MergeError, ReadError};
pub use report::merge;
pub use saved::SavedReport;

#[cfg(test)]
mod tests;
