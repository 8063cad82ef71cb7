//! What is known of each endpoint besides its route.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Map, Value};

use crate::backend::Description;

/// Why there is no document.
#[derive(Debug, thiserror::Error)]
pub(super) enum Broken {
    #[error("an operations.toml: {0}")]
    Operations(#[from] toml::de::Error),
    #[error("a schemas.json: {0}")]
    Json(#[from] serde_json::Error),
    #[error("no operations.toml says anything of {0}")]
    Unsaid(String),
}

/// What is known of an endpoint.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Operation {
    /// Where a reader finds it.
    pub(super) group: String,
    /// What it does.
    pub(super) says: String,
    /// The schema of its body, if it has one.
    pub(super) takes: Option<String>,
    /// The schema of its answer; else any JSON object.
    pub(super) gives: Option<String>,
    #[serde(default)]
    pub(super) form: Form,
}

/// The form of an answer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
pub(super) enum Form {
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

impl Form {
    /// The media types that an answer may have.
    pub(super) const fn media_types(self) -> &'static [&'static str] {
        match self {
            Self::Json => &["application/json"],
            Self::JsonOrEvents => &["application/json", "text/event-stream"],
            Self::Events => &["text/event-stream"],
            Self::Text => &["text/plain"],
            Self::Metrics => &["application/openmetrics-text"],
            Self::Page => &["text/html"],
        }
    }
}

/// All of them, by method and path.
pub(super) fn all(
    descriptions: impl Iterator<Item = Description>,
) -> Result<BTreeMap<String, Operation>, Broken> {
    let mut all = BTreeMap::new();
    for description in descriptions {
        all.extend(toml::from_str::<BTreeMap<String, Operation>>(description.operations)?);
    }
    Ok(all)
}

/// All schemas, by name.
pub(super) fn schemas(descriptions: impl Iterator<Item = Description>) -> Result<Map<String, Value>, Broken> {
    let mut all = Map::new();
    for description in descriptions {
        all.extend(serde_json::from_str::<Map<String, Value>>(description.schemas)?);
    }
    Ok(all)
}
