//! Completions: the predecessor of the chat API.
//!
//! # Layout
//! - `request`, `prompt`: the client's JSON → a `GenerationRequest`
//! - `create`: handles a request
//! - `head`: encodes the plain answer, and the common parts of chunks
//! - `logprobs`: log probabilities in this API's form
//! - `frames`: the chunks of a stream

mod create;
mod frames;
mod head;
mod logprobs;
mod request;

pub(super) use create::create;

#[cfg(test)]
mod tests;
