//! The state of this API.

use std::sync::Arc;

use super::{
    chat::StoredChat,
    prompt_cache::PromptCache,
    responses::{Conversations, StoredResponse, Stores},
    store::{Store, StoreLimits},
};
use crate::config::ResponsesConfig;

/// Maximum number and bytes of stored chat answers.
const CHATS: StoreLimits = StoreLimits { count: 10_000, bytes: 64 << 20 };

/// The API of OpenAI, with its stored answers.
#[derive(Debug)]
pub(crate) struct OpenAi {
    pub(super) cache: Arc<PromptCache>,
    pub(super) chats: Arc<Store<StoredChat>>,
    pub(super) responses: Arc<Store<StoredResponse>>,
    pub(super) conversations: Arc<Conversations>,
}

impl OpenAi {
    /// What requests for responses continue, and where their answers are stored.
    pub(super) fn stores(&self) -> Stores {
        Stores { responses: Arc::clone(&self.responses), conversations: Arc::clone(&self.conversations) }
    }

    pub(crate) fn new(responses: &ResponsesConfig) -> Self {
        let ResponsesConfig { kept_max, kept_bytes } = *responses;
        let responses = StoreLimits { count: kept_max, bytes: kept_bytes };
        Self {
            cache: Arc::default(),
            chats: Arc::new(Store::new(CHATS)),
            responses: Arc::new(Store::new(responses)),
            conversations: Arc::new(Store::new(responses)),
        }
    }
}
