//! From a raw chain to a plan.

mod chain;
mod needs;
mod place;
mod policy;
mod work;

pub use chain::STEPS_MAX;
pub(crate) use chain::check;
