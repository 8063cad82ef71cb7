//! Chains as users write them, and where in their file a fault lies.

mod error;
mod foreach;
mod raw;
mod source;

pub use error::{Place, SpecError};
pub(crate) use foreach::RawForeach;
pub(crate) use raw::{
    Join, OnError, RawChain, RawDuration, RawHttp, RawLlm, RawNested, RawRetry, RawStep, RawTool,
};
pub(crate) use source::Source;
