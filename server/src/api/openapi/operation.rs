//! The descriptions of endpoints.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Map, Value};

use crate::backend::Description;

/// Why the document cannot be built.
#[derive(Debug, thiserror::Error)]
pub(super) enum DocumentError {
    #[error("an operations.toml: {0}")]
    Operations(#[from] toml::de::Error),
    #[error("a schemas.json: {0}")]
    Json(#[from] serde_json::Error),
    #[error("no operations.toml describes {0}")]
    Unsaid(String),
}

/// The description of an endpoint.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Operation {
    /// Its heading.
    pub(super) group: String,
    /// Its summary.
    pub(super) says: String,
    /// The schema of its body, if it has one.
    pub(super) takes: Option<String>,
    /// The schema of its response; by default any JSON object.
    pub(super) gives: Option<String>,
    #[serde(default)]
    pub(super) form: ResponseFormat,
}

/// The format of a response.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
pub(super) enum ResponseFormat {
    #[default]
    #[serde(rename = "json")]
    Json,
    #[serde(rename = "json or events")]
    JsonOrEvents,
    #[serde(rename = "events")]
    Events,
    #[serde(rename = "text")]
    Text,
    #[serde(rename = "metrics")]
    Metrics,
    #[serde(rename = "page")]
    Page,
}

impl ResponseFormat {
    /// The media types of a response.
    pub(super) const fn media_types(self) -> &'static [&'static str] {
        match self {
            Self::Json => &["application/json"],
            Self::JsonOrEvents => &["application/json", "text/event-stream"],
            Self::Events => &["text/event-stream"],
            Self::Text => &["text/plain"],
            Self::Metrics => &["text/plain", "application/openmetrics-text"],
            Self::Page => &["text/html"],
        }
    }
}

/// All of them, by method and path.
pub(super) fn all(
    descriptions: impl Iterator<Item = Description>,
) -> Result<BTreeMap<String, Operation>, DocumentError> {
    let mut all = BTreeMap::new();
    for description in descriptions {
        all.extend(toml::from_str::<BTreeMap<String, Operation>>(description.operations)?);
    }
    Ok(all)
}

/// All schemas, by name.
pub(super) fn schemas(
    descriptions: impl Iterator<Item = Description>,
) -> Result<Map<String, Value>, DocumentError> {
    let mut all = Map::new();
    for description in descriptions {
        all.extend(serde_json::from_str::<Map<String, Value>>(description.schemas)?);
    }
    Ok(all)
}
