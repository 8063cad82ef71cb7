//! The content and the timing of a simulated LLM's responses. No HTTP, no waiting: time is handed in and
//! deadlines are handed out, so that the same code runs behind a server, in a benchmark and under
//! simulated time.
//!
//! # Layout
//! - `profile`: the latency and capability set of a named model, read from TOML and checked
//! - `tokenizer`: OpenAI's vocabulary `o200k_base`: tokens of a text, text of tokens, counts
//! - `text`: readable text of an exact number of tokens
//! - `content`: the content of one response: choices of segments, token by token
//! - `schedule`: the deadlines of its tokens
//! - `embedding`: simulated embedding vectors
//! - `planner`: decides the content of an answer to a [`GenerationRequest`]
//! - `schema`: JSON that satisfies a JSON Schema
//! - `engine`: how calls share a simulated replica: a [`Job`] is admitted and becomes a [`Lease`]

mod content;
mod embedding;
mod engine;
mod planner;
mod profile;
mod schedule;
mod schema;
mod text;
mod tokenizer;

pub use content::{Choice, Content, ContentCursor, Event, Finish, Segment, SegmentKind, Text, Tokens};
pub use embedding::{EmbeddingInput, embed};
pub use engine::{Engine, IndependentEngine, Job, Lease, Refusal, Turn, TurnTable};
pub use planner::{
    Eos, Format, GenerationRequest, LastMessage, Reasoning, Reply, ResponseMode, ResponsePlanner, Script,
    ScriptedError, Tool, ToolCalls, ToolChoice, ToolInput, ToolResult, Transcript,
};
pub use profile::{Catalog, Price, Profile};
pub use schedule::{PlannedTimes, Schedule};
pub use schema::{Schema, SchemaError, Schemas};
pub use text::TextTokens;
pub use tokenizer::{TokenCounter, decode, decode_whole, encode, encode_message, encode_message_header};
