//! Readable text of an exact number of tokens.

mod sentence;
pub(crate) mod words;

pub use sentence::TextTokens;
