//! Chains as users write them, and where in their file a fault lies.

mod error;
mod faults;
mod pieces;
mod raw;
mod source;

pub use error::{Place, SpecError};
pub(crate) use faults::{Faults, all, both};
pub use pieces::FAULTS_MAX;
pub(crate) use raw::{RawChain, RawDuration, RawLlm, RawStep, RawTool};
pub(crate) use source::Source;
