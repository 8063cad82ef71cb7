//! What is known of each endpoint besides its route.

use std::collections::BTreeMap;

use serde::Deserialize;

const OPERATIONS: &str = include_str!("operations.toml");

/// What is known of an endpoint.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Operation {
    /// Where a reader finds it.
    pub(super) group: String,
    /// What it does.
    pub(super) says: String,
    /// The schema of its body.
    pub(super) takes: Option<String>,
    /// The schema of its answer.
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
            Self::Page => &["text/html"],
        }
    }
}

/// All of them, by method and path.
pub(super) fn all() -> Result<BTreeMap<String, Operation>, toml::de::Error> {
    toml::from_str(OPERATIONS)
}
