//! Chains as users write them, and the location of errors in their file.

mod error;
mod error_kind;
mod fragments;
mod raw;
mod source;

pub use error::SpecError;
pub(crate) use error::{SpecErrors, collect_all, join, key_path};
pub use error_kind::SpecErrorKind;
pub use fragments::REPORTED_ERRORS_MAX;
pub(crate) use raw::{
    Join, OnError, RawChain, RawDuration, RawForeach, RawHttp, RawLlm, RawLlmTool, RawNested, RawRetry,
    RawStep, RawTool,
};
pub(crate) use source::{Source, with_source};
