//! What ends or changes a run from outside, and a target that has died.

mod course;
mod dead;
mod handle;
mod helm;

pub(crate) use course::Course;
pub(crate) use dead::{DeadTarget, Sign};
pub(crate) use handle::Halt;
pub use handle::{Control, SteerError};
pub(crate) use helm::{Helm, Lookout};
