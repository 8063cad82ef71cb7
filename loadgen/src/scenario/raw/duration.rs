//! A duration with its unit.

use std::borrow::Cow;
use std::time::Duration;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Deserialize;

/// A duration written as text with a unit.
#[derive(Copy, Clone, Debug, Deserialize)]
#[serde(transparent)]
pub(in crate::scenario) struct RawDuration(
    #[serde(with = "weir_pace::duration_text")] pub(in crate::scenario) Duration,
);

impl JsonSchema for RawDuration {
    fn schema_name() -> Cow<'static, str> {
        "Duration".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "A duration with its unit: \"250ms\", \"1.2s\", \"1m30s\".",
            "type": "string",
            "pattern": r"^\s*([0-9.]+\s*(h|m|s|ms|us|\u00b5s|\u03bcs|ns)\s*)+$",
        })
    }
}
