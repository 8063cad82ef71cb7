//! Chains as users write them, and where in their file a fault lies.

mod error;
mod faults;
mod foreach;
mod pieces;
mod raw;
mod source;

pub use error::{Place, SpecError};
pub(crate) use faults::{Faults, all, both};
pub(crate) use foreach::RawForeach;
pub use pieces::FAULTS_MAX;
pub(crate) use raw::{
    Join, OnError, RawChain, RawDuration, RawHttp, RawLlm, RawLlmTool, RawNested, RawRetry, RawStep, RawTool,
};
pub(crate) use source::Source;
