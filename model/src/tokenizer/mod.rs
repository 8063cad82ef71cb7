//! Byte-pair encoding with OpenAI's vocabulary `o200k_base`.

mod count;
mod encode;
mod merge;
mod pieces;
mod scan;
mod vocabulary;

pub use count::TokenCounter;
pub(crate) use encode::token_lens;
pub use encode::{decode, decode_whole, encode, encode_message, encode_message_header};
