//! What the endpoints of this API share.

use super::{
    chat::StoredChat,
    store::{Store, StoreLimits},
};

/// How many answers are kept, and how much text they may have.
const CHATS: StoreLimits = StoreLimits { count: 10_000, bytes: 64 << 20 };

/// What the endpoints of this API share.
#[derive(Debug)]
pub(crate) struct State {
    pub(super) chats: Store<StoredChat>,
}

impl State {
    pub(crate) fn new() -> Self {
        Self { chats: Store::new(CHATS) }
    }
}
