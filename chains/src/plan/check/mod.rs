//! Checks a raw chain and builds a plan.

mod action;
mod chain;
mod context;
mod dependencies;
mod policy;

pub use chain::STEPS_MAX;
pub(crate) use chain::check;
