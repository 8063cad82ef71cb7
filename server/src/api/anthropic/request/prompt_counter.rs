//! Counts the tokens of a prompt and finds the parts to cache.

use twox_hash::XxHash3_64;
use weir_model::TokenCounter;

use super::{
    block::{Block, Part},
    raw::Role,
};
use crate::api::anthropic::cache::{BlockEnd, Ttl};

/// Tokens that the format of a conversation adds to each message and to the whole, as in OpenAI's chats: the
/// provider's own vocabulary and format are not published.
const TOKENS_PER_MESSAGE: u32 = 4;
const TOKENS_OF_REPLY_PRIMING: u32 = 3;

/// The tokens of a prompt.
#[derive(Debug)]
pub(in crate::api::anthropic) struct Measured {
    pub(in crate::api::anthropic) tokens: u32,
    /// The ends of its blocks, if it has cache breakpoints.
    pub(in crate::api::anthropic) block_ends: Vec<BlockEnd>,
}

/// Whether the request has cache breakpoints.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Caching {
    Wanted,
    NotWanted,
}

/// Visits a prompt in the order in which the model reads it: tools, system, messages.
#[derive(Debug)]
pub(super) struct PromptCounter<'a> {
    counter: &'a TokenCounter,
    caching: Caching,
    tokens: u32,
    /// Hash of everything visited so far.
    hash: u64,
    block_ends: Vec<BlockEnd>,
}

impl<'a> PromptCounter<'a> {
    /// Each model has a separate cache.
    pub(super) fn new(counter: &'a TokenCounter, caching: Caching, model: &str) -> Self {
        let hash = XxHash3_64::oneshot(model.as_bytes());
        Self { counter, caching, tokens: 0, hash, block_ends: Vec::new() }
    }

    pub(super) fn text(&mut self, text: &str) {
        self.tokens = self.tokens.saturating_add(self.counter.count(text));
        self.hash_in(text.as_bytes());
    }

    /// Counts the beginning of a message.
    pub(super) fn message(&mut self, role: Role) {
        self.tokens = self.tokens.saturating_add(TOKENS_PER_MESSAGE);
        self.hash_in(match role {
            Role::User => b"user",
            Role::Assistant => b"assistant",
            Role::System => b"system",
        });
    }

    pub(super) fn part(&mut self, part: &Part<'_>) {
        match &part.block {
            Block::Text(text) => self.text(text),
            Block::ToolUse { name, input, .. } => {
                self.text(name);
                self.text(input);
            }
            Block::ToolResult { texts, .. } | Block::Other(texts) => {
                texts.iter().for_each(|text| self.text(text));
            }
            Block::Thought => {}
        }
        self.end_block(part.cache);
    }

    /// Counts the end of a block.
    pub(super) fn end_block(&mut self, cache: Option<Ttl>) {
        if self.caching == Caching::Wanted {
            self.block_ends.push(BlockEnd { tokens: self.tokens, hash: self.hash, cache });
        }
    }

    /// Ends the prompt; `cache` applies to its last block.
    pub(super) fn end(mut self, cache: Option<Ttl>) -> Measured {
        if let Some(last) = self.block_ends.last_mut() {
            last.cache = last.cache.or(cache);
        }
        Measured { tokens: self.tokens.saturating_add(TOKENS_OF_REPLY_PRIMING), block_ends: self.block_ends }
    }

    fn hash_in(&mut self, bytes: &[u8]) {
        if self.caching == Caching::Wanted {
            self.hash = XxHash3_64::oneshot_with_seed(self.hash, bytes);
        }
    }
}
