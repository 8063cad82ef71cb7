//! What the endpoints of this API share.

use super::{
    chat::StoredChat,
    responses::Kept,
    store::{Store, StoreLimits},
};
use crate::config::ResponsesConfig;

/// How many chat answers are kept, and how much text they may have.
const CHATS: StoreLimits = StoreLimits { count: 10_000, bytes: 64 << 20 };

/// What the endpoints of this API share.
#[derive(Debug)]
pub(crate) struct State {
    pub(super) chats: Store<StoredChat>,
    pub(super) responses: Store<Kept>,
}

impl State {
    pub(crate) fn new(responses: &ResponsesConfig) -> Self {
        let ResponsesConfig { kept_max, kept_bytes } = *responses;
        let responses = StoreLimits { count: kept_max, bytes: kept_bytes };
        Self { chats: Store::new(CHATS), responses: Store::new(responses) }
    }
}
