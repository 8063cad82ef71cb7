//! Settings of the Responses API.

use serde::Deserialize;

use super::{ConfigError, bytes::ByteSize, check::required};

/// The answers of the Responses API that can be asked for once more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ResponsesConfig {
    /// How many are kept; the oldest goes first.
    pub kept_max: usize,
    /// How many bytes they take, together with what they were asked.
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
