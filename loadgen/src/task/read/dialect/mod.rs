//! How each API tells of its tokens: in the events of a stream, and in an answer of one piece.

pub(super) mod any;
pub(super) mod chain;
pub(super) mod chat;
pub(super) mod completions;
pub(super) mod embeddings;
pub(super) mod messages;
pub(super) mod responses;
