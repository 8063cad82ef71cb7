//! What the endpoints of this API keep.

use std::sync::Arc;

use super::{
    chat::StoredChat,
    responses::Kept,
    store::{Store, StoreLimits},
};
use crate::config::ResponsesConfig;

/// How many chat answers are kept, and how much text they may have.
const CHATS: StoreLimits = StoreLimits { count: 10_000, bytes: 64 << 20 };

/// The API of OpenAI, with the answers that it keeps.
#[derive(Debug)]
pub(crate) struct OpenAi {
    pub(super) chats: Arc<Store<StoredChat>>,
    pub(super) responses: Arc<Store<Kept>>,
}

impl OpenAi {
    pub(crate) fn new(responses: &ResponsesConfig) -> Self {
        let ResponsesConfig { kept_max, kept_bytes } = *responses;
        let responses = StoreLimits { count: kept_max, bytes: kept_bytes };
        Self { chats: Arc::new(Store::new(CHATS)), responses: Arc::new(Store::new(responses)) }
    }
}
