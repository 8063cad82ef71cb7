//! `chain` and `chain_stream`: `POST /api/chains/{chain}`, whole or as events.

use std::collections::BTreeMap;
use std::sync::Arc;

use ::http::{HeaderName, HeaderValue, Method};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::task::{Auth, Base, Blueprint, Reading, Templates, Text};

use crate::scenario::error::{Invalid, ScenarioProblem};
use crate::scenario::headers;
use crate::scenario::request::{Request, json};

use super::{Chain, ChainStream};

/// Overrides the server's default for one request.
const ENABLE_PARALLEL: HeaderName = HeaderName::from_static("x-enable-parallel");

/// A run of a chain: `POST /api/chains/{chain}`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct RawChain {
    /// The name of the chain.
    chain: String,
    /// The input of the chain.
    #[serde(default)]
    #[schemars(with = "serde_json::Map<String, serde_json::Value>")]
    body: toml::Table,
    /// Whether its steps run in parallel, whatever the server's default is.
    parallel: Option<bool>,
    /// Headers of this request.
    #[serde(default)]
    headers: BTreeMap<String, String>,
}

/// The form of the chain's answer.
#[derive(Copy, Clone, Debug)]
pub(super) enum Answer {
    Whole,
    Stream,
}

pub(super) fn check(
    raw: RawChain,
    answer: Answer,
    key: &str,
    templates: &mut Templates,
) -> Result<Request, Invalid> {
    if raw.chain.is_empty() {
        let needed = "the chain's name";
        return Err(Invalid::new(format!("{key}.chain"), ScenarioProblem::Missing { needed }));
    }
    let own = headers::parse(&raw.headers, &format!("{key}.headers"), templates)?;
    let (path, mut headers, reading, title) = match answer {
        Answer::Whole => (
            format!("/api/chains/{}", raw.chain),
            json::headers("application/json", own),
            Reading::Plain(Arc::new(Chain)),
            "chain",
        ),
        Answer::Stream => (
            format!("/api/chains/{}/stream", raw.chain),
            json::stream_headers(own),
            Reading::Stream { events: Arc::new(ChainStream), key: "request.kind" },
            "chain stream",
        ),
    };
    if let Some(parallel) = raw.parallel {
        let value = HeaderValue::from_static(if parallel { "true" } else { "false" });
        headers.insert(ENABLE_PARALLEL, value);
    }
    let body = json::from_toml(toml::Value::Table(raw.body), &format!("{key}.body"))?;
    let blueprint = Blueprint {
        method: Method::POST,
        base: Base::Url,
        path: crate::scenario::request::path(&path, &format!("{key}.chain"), templates)?,
        headers,
        body: Some(Text::parse_json(&body, &format!("{key}.body"), templates)?.into()),
        auth: Auth::Bearer,
        model: None,
        reading,
    };
    Ok(Request { title: title.to_owned(), blueprint })
}
