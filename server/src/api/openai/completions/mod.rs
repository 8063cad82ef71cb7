//! Completions: the API of before there was chat.
//!
//! # Layout
//! - `request`, `prompt`: what the client sent → what the model is asked
//! - `create`: a request on its way to its answer
//! - `head`: how the answer is written in one piece, and what chunks have in common with it
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
