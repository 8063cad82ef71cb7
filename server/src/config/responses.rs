//! Settings of the Responses API.

use serde::Deserialize;

use super::{ConfigError, setting::required, units::ByteSize};

/// Stored answers of the Responses API.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ResponsesConfig {
    /// Maximum number of stored answers; the oldest is evicted first.
    pub kept_max: usize,
    /// Maximum bytes of stored answers and their inputs.
    pub kept_bytes: usize,
}

#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct RawResponsesConfig {
    pub(super) kept: Option<usize>,
    pub(super) kept_size: Option<ByteSize>,
}

impl RawResponsesConfig {
    pub(super) fn over(self, below: Self) -> Self {
        Self { kept: self.kept.or(below.kept), kept_size: self.kept_size.or(below.kept_size) }
    }

    pub(super) fn checked(self) -> Result<ResponsesConfig, ConfigError> {
        Ok(ResponsesConfig {
            kept_max: required("responses.kept", self.kept)?,
            kept_bytes: required("responses.kept_size", self.kept_size)?.0,
        })
    }
}
