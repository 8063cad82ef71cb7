//! Readable text of an exact number of tokens, and the counting of tokens.

mod count;
pub(crate) mod o200k;
mod sentence;
pub(crate) mod words;

pub use count::TokenCounter;
pub use o200k::{decode, decode_whole, encode, encode_message, encode_speaker};
pub use sentence::TextTokens;
