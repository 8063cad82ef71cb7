//! What one LLM call will say.

use weir_pace::Seed;

use crate::text::TextTokens;

/// How an answer ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Finish {
    /// The model had said what it had to say.
    Stop,
    /// The answer was cut at the request's token limit.
    Length,
}

/// What one call will say: a text of an exact number of tokens. It holds no text: the words follow
/// from the seed, one at a time, so an open answer of any length costs a few bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Content {
    seed: Seed,
    tokens: u32,
    finish: Finish,
}

impl Content {
    /// The content that `seed` stands for.
    pub const fn new(seed: Seed, tokens: u32, finish: Finish) -> Self {
        Self { seed, tokens, finish }
    }

    /// How many tokens will be said.
    pub const fn token_count(&self) -> u32 {
        self.tokens
    }

    /// Why it ends after that.
    pub const fn finish(&self) -> Finish {
        self.finish
    }

    /// The tokens in order; exactly [`Content::token_count`] of them.
    pub fn tokens(&self) -> TextTokens {
        TextTokens::new(self.seed, self.tokens)
    }

    /// The whole text.
    pub fn text(&self) -> String {
        self.tokens().collect()
    }
}
