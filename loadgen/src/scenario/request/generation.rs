//! The parameters of generation, which the APIs have in common but for names.

use std::sync::Arc;

use serde_json::json;
use weir_pace::Amount;

use crate::task::read::{BodyReader, EventReader};
use crate::task::{Auth, Reading};

use super::super::error::Invalid;
use super::Request;
use super::draft::{Draft, Envelope};

/// An API that generates text, as far as its requests differ from those of others.
pub(super) struct Api {
    pub(super) path: &'static str,
    /// The name of a task without one.
    pub(super) title: &'static str,
    pub(super) auth: Auth,
    /// The member that limits the output tokens.
    pub(super) max_tokens: &'static str,
    pub(super) usage: StreamUsage,
}

/// Whether streams contain token counts.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub(super) enum StreamUsage {
    Always,
    OnRequest,
}

/// The parameters of generation.
pub(super) struct Generation {
    pub(super) max_tokens: Option<Amount>,
    pub(super) temperature: Option<f64>,
    pub(super) tools: Option<toml::Value>,
    pub(super) stream: bool,
    /// Any further members.
    pub(super) extra: toml::Table,
}

impl Generation {
    /// Completes a request that has its messages.
    pub(super) fn finish<R: BodyReader + EventReader + 'static>(
        self,
        mut draft: Draft<'_>,
        api: &Api,
        reader: R,
    ) -> Result<Request, Invalid> {
        draft.count(api.max_tokens, self.max_tokens);
        draft.json("temperature", self.temperature)?;
        draft.toml("tools", self.tools)?;
        draft.json("stream", self.stream.then_some(true))?;
        if self.stream && api.usage == StreamUsage::OnRequest {
            draft.json("stream_options", Some(json!({ "include_usage": true })))?;
        }
        let reading = match self.stream {
            true => Reading::Stream { events: Arc::new(reader), key: "request.stream" },
            false => Reading::Plain(Arc::new(reader)),
        };
        let &Api { path, title, auth, .. } = api;
        draft.finish(self.extra, Envelope { path, title, reading, auth })
    }
}
