//! Until when a run goes on.

mod dead;
mod handle;

pub(crate) use dead::{DeadTarget, Sign};
pub use handle::StopHandle;
