//! What ends or changes a run from outside, and a target that has died.

mod dead;
mod handle;

pub(crate) use dead::{DeadTarget, Sign};
pub use handle::Control;
pub(crate) use handle::Halt;
