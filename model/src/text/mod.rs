//! Readable text of an exact number of tokens, and the counting of tokens.

mod count;
mod sentence;
mod words;

pub use count::TokenCounter;
pub use sentence::TextTokens;
