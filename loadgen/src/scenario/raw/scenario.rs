//! The top level of a scenario.

use std::collections::BTreeMap;
use std::path::PathBuf;

use schemars::JsonSchema;
use serde::Deserialize;

use crate::scenario::price::ModelPrice;
use crate::scenario::schema;

use super::criteria::{RawBounds, RawLimits};
use super::duration::RawDuration;
use super::load::RawLoad;
use super::user::RawUser;

/// A scenario of `weir load`: the users and their requests, the load, and its length.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::scenario) struct RawScenario {
    /// The purpose of the scenario, in one line.
    pub(in crate::scenario) about: Option<String>,
    /// The target, such as `http://127.0.0.1:8000`, with an optional path prefix. `--url` replaces it.
    pub(in crate::scenario) url: Option<String>,
    /// The environment variable whose value is sent as `Authorization: Bearer …`, if it is set.
    pub(in crate::scenario) api_key_env: Option<String>,
    /// A file of certificate authorities (PEM) to trust instead of the usual ones.
    pub(in crate::scenario) ca_file: Option<PathBuf>,
    /// Headers of every request.
    #[serde(default)]
    pub(in crate::scenario) headers: BTreeMap<String, String>,
    /// Headers of every request whose values come from environment variables.
    #[serde(default)]
    pub(in crate::scenario) headers_env: BTreeMap<String, String>,
    /// The user classes that take part (all).
    pub(in crate::scenario) classes: Option<Vec<String>>,
    /// When requests start, and when they stop.
    pub(in crate::scenario) load: RawLoad,
    /// The time limits of a request.
    #[serde(default)]
    pub(in crate::scenario) timeouts: RawTimeouts,
    /// Rows of data for templates: `{{ feed.NAME }}` or `{{ feed.NAME.column }}`.
    #[serde(default)]
    pub(in crate::scenario) feed: BTreeMap<String, RawFeed>,
    /// The prices of tokens, by model or by pattern of models such as `gpt-4o*`.
    #[serde(default)]
    pub(in crate::scenario) price: BTreeMap<String, ModelPrice>,
    /// User classes by name.
    #[serde(default)]
    pub(in crate::scenario) user: BTreeMap<String, RawUser>,
    /// Thresholds that must hold for the exit code to be 0, by task, class, or `all` (`all = "errors < 100%"`).
    #[serde(default)]
    pub(in crate::scenario) thresholds: BTreeMap<String, RawLimits>,
    /// Sets of limits on single requests; the requests that meet them are counted.
    #[serde(default)]
    pub(in crate::scenario) goodput: Vec<String>,
    /// The bounds between grades, by figure, the best first.
    pub(in crate::scenario) bands: Option<BTreeMap<String, RawBounds>>,
    /// Variants of the scenario, selected with `SCENARIO:NAME`.
    #[serde(default)]
    pub(in crate::scenario) variant: BTreeMap<String, RawVariant>,
}

/// The time limits of a request.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::scenario) struct RawTimeouts {
    /// The limit to open a connection (10s).
    pub(in crate::scenario) connect: Option<RawDuration>,
    /// The limit of the TLS handshake (10s).
    pub(in crate::scenario) tls: Option<RawDuration>,
    /// The limit from the request to the first byte of its response (10m).
    pub(in crate::scenario) headers: Option<RawDuration>,
    /// The limit between two bytes of a response (2m).
    pub(in crate::scenario) idle: Option<RawDuration>,
    /// The limit of the whole request (unlimited).
    pub(in crate::scenario) total: Option<RawDuration>,
}

/// Rows of data: texts, or tables with the same columns.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::scenario) struct RawFeed {
    /// The rows: texts, or tables.
    #[schemars(with = "Option<Vec<schema::Row>>")]
    pub(in crate::scenario) rows: Option<Vec<toml::Value>>,
    /// A file of rows, relative to the folder of the scenario: `.csv` with a header line, or `.jsonl`.
    pub(in crate::scenario) file: Option<PathBuf>,
    /// `sequential`: each request takes the next row; `random`: any row; `unique`: each user keeps one row (sequential).
    #[schemars(extend("enum" = ["sequential", "random", "unique"]))]
    pub(in crate::scenario) order: Option<String>,
}

/// A variant of the scenario. Keys that are not given keep the scenario's values.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::scenario) struct RawVariant {
    /// The purpose of the variant, in one line.
    pub(in crate::scenario) about: Option<String>,
    /// The user classes that take part.
    pub(in crate::scenario) classes: Option<Vec<String>>,
    /// When requests start, and when they stop; replaces the whole table of the scenario.
    pub(in crate::scenario) load: Option<RawLoad>,
    /// Thresholds; they replace the whole table of the scenario.
    pub(in crate::scenario) thresholds: Option<BTreeMap<String, RawLimits>>,
}
