//! Requests for generated text: what comes after what is said, which the APIs have in common but for names.

use serde_json::json;
use weir_pace::Amount;

use crate::task::{Auth, PlainKind, Reading, StreamKind};

use super::super::error::Invalid;
use super::Request;
use super::draft::{Draft, Envelope};

/// An API that generates text.
pub(super) struct Api {
    pub(super) path: &'static str,
    /// What a task that has no name is called after it.
    pub(super) title: &'static str,
    pub(super) auth: Auth,
    /// What its answers are, whole and as streams.
    pub(super) plain: PlainKind,
    pub(super) stream: StreamKind,
    /// The member that limits the output tokens.
    pub(super) max_tokens: &'static str,
    pub(super) usage: StreamUsage,
}

/// Whether streams say how many tokens they hold.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub(super) enum StreamUsage {
    Always,
    WhenAsked,
}

/// How the text is generated.
pub(super) struct Generation {
    pub(super) max_tokens: Option<Amount>,
    pub(super) temperature: Option<f64>,
    pub(super) tools: Option<toml::Value>,
    pub(super) stream: bool,
    /// Any further members.
    pub(super) extra: toml::Table,
}

impl Generation {
    /// Completes a request that has what is said.
    pub(super) fn finish(self, mut draft: Draft<'_>, api: Api) -> Result<Request, Invalid> {
        draft.count(api.max_tokens, self.max_tokens);
        draft.json("temperature", self.temperature)?;
        draft.toml("tools", self.tools)?;
        draft.json("stream", self.stream.then_some(true))?;
        if self.stream && api.usage == StreamUsage::WhenAsked {
            draft.json("stream_options", Some(json!({ "include_usage": true })))?;
        }
        let reading = if self.stream { Reading::Stream(api.stream) } else { Reading::Plain(api.plain) };
        let Api { path, title, auth, .. } = api;
        draft.finish(self.extra, Envelope { path, title, reading, auth })
    }
}
