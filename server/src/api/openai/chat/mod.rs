//! Chat completions.
//!
//! # Layout
//! - `request`: what the client sent → what the model is asked
//! - `create`: a request on its way to its answer
//! - `head`, `answer`, `frames`: how the answer is written, in one piece or in chunks
//! - `stored`: answers that are kept, and read again

mod answer;
mod create;
mod frames;
mod head;
mod request;
mod stored;

pub(super) use create::create;
pub(in crate::api) use request::{RawMessages, spoken};
pub(super) use stored::{StoredChat, delete, list, messages, retrieve, update};
