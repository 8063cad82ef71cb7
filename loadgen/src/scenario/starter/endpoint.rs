//! The parts of a URL, and the API that its path belongs to.

use weir_wire::Target;

use crate::scenario::error::{Invalid, ScenarioProblem};

/// An endpoint of a supported API.
#[derive(Debug)]
pub(super) struct Endpoint {
    /// The kind of its requests.
    pub(super) kind: &'static str,
    /// The path without `/v1`.
    path: &'static str,
    /// A model that its provider has; `None` if requests have none.
    pub(super) model: Option<&'static str>,
    pub(super) api_key_env: Option<&'static str>,
    /// The member that holds the prompt in a body.
    pub(super) prompt: Prompt,
    /// The member of a body that limits the output.
    pub(super) limit: Option<&'static str>,
}

/// How a body holds its prompt.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub(super) enum Prompt {
    /// As the text of this member.
    Text(&'static str),
    /// As the only message.
    Messages,
}

const OPENAI_KEY: Option<&str> = Some("OPENAI_API_KEY");
const ANTHROPIC_KEY: Option<&str> = Some("ANTHROPIC_API_KEY");

/// The first one whose path ends a URL's path applies.
const ENDPOINTS: [Endpoint; 5] = [
    Endpoint {
        kind: "openai.chat",
        path: "/chat/completions",
        model: Some("gpt-4o-mini"),
        api_key_env: OPENAI_KEY,
        prompt: Prompt::Messages,
        limit: Some("max_tokens"),
    },
    Endpoint {
        kind: "openai.completions",
        path: "/completions",
        model: Some("gpt-4o-mini"),
        api_key_env: OPENAI_KEY,
        prompt: Prompt::Text("prompt"),
        limit: Some("max_tokens"),
    },
    Endpoint {
        kind: "openai.responses",
        path: "/responses",
        model: Some("gpt-4o-mini"),
        api_key_env: OPENAI_KEY,
        prompt: Prompt::Text("input"),
        limit: Some("max_output_tokens"),
    },
    Endpoint {
        kind: "openai.embeddings",
        path: "/embeddings",
        model: Some("text-embedding-3-small"),
        api_key_env: OPENAI_KEY,
        prompt: Prompt::Text("input"),
        limit: None,
    },
    Endpoint {
        kind: "anthropic.messages",
        path: "/messages",
        model: Some("claude-3-5-haiku"),
        api_key_env: ANTHROPIC_KEY,
        prompt: Prompt::Messages,
        limit: Some("max_tokens"),
    },
];

/// A URL.
#[derive(Debug)]
pub(super) struct Address {
    /// The URL that the paths of requests are appended to.
    pub(super) base: String,
    /// The path, without the query.
    pub(super) path: String,
    /// The path and the query of a request that is sent to the base.
    pub(super) path_and_query: String,
    endpoint: Option<&'static Endpoint>,
    /// Whether the kind of request sends to this very path: `/v1/…` without a query.
    pub(super) is_standard: bool,
}

impl Address {
    /// Parses a URL. If `is_post`, one that ends with `/v1` is the base URL of an OpenAI-compatible API, as its SDKs have it:
    /// requests are sent to its chat completions.
    pub(super) fn parse(url: &str, is_post: bool) -> Result<Self, Invalid> {
        let after_scheme = url.find("://").map_or(0, |at| at + "://".len());
        // Fragments are not sent.
        let url = url.split_once('#').map_or(url, |(url, _)| url);
        let path_at = url
            .get(after_scheme..)
            .and_then(|rest| rest.find(['/', '?']))
            .map_or(url.len(), |at| after_scheme + at);
        let (host, path_and_query) = url.split_at(path_at);
        let target: Target =
            host.parse().map_err(|error| Invalid::new("URL", ScenarioProblem::Target(error)))?;
        let base_of_api = path_and_query.trim_end_matches('/');
        let of_chat = format!("{base_of_api}{}", ENDPOINTS[0].path);
        let is_base = is_post && base_of_api.ends_with("/v1");
        let path_and_query = if is_base { &of_chat } else { path_and_query };
        let (path, query) = path_and_query.split_once('?').unwrap_or((path_and_query, ""));
        let endpoint = ENDPOINTS.iter().find(|endpoint| has_path(endpoint, path));
        let prefix = endpoint.and_then(|endpoint| path.strip_suffix(endpoint.path)?.strip_suffix("/v1"));
        let is_standard = prefix.is_some() && query.is_empty();
        let prefix = prefix.filter(|_| is_standard).unwrap_or_default();
        let slash = if path.is_empty() { "/" } else { "" };
        Ok(Self {
            base: format!("{target}{prefix}"),
            path: format!("{slash}{path}"),
            path_and_query: format!("{slash}{path_and_query}"),
            endpoint,
            is_standard,
        })
    }

    /// The endpoint of an LLM API that the URL belongs to.
    pub(super) fn endpoint(&self) -> Option<&'static Endpoint> {
        self.endpoint
    }

    /// A name for the task: the last part of the path.
    pub(super) fn task_name(&self) -> String {
        let name = self.path.trim_end_matches('/').rsplit('/').next().unwrap_or_default();
        let name: String =
            name.chars().filter(|c| c.is_alphanumeric() || "-_.".contains(*c)).take(40).collect();
        match self.endpoint {
            Some(endpoint) => endpoint.kind.rsplit('.').next().unwrap_or_default().to_owned(),
            None if name.is_empty() => "request".to_owned(),
            None => name,
        }
    }
}

/// Whether a path is that of an endpoint. `/messages` and `/responses` alone are common paths of other APIs.
fn has_path(endpoint: &Endpoint, path: &str) -> bool {
    let Some(before) = path.strip_suffix(endpoint.path) else { return false };
    let is_distinctive = matches!(endpoint.path, "/chat/completions" | "/completions" | "/embeddings");
    before.ends_with("/v1") || is_distinctive
}
