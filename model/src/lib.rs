//! The content and the timing of a simulated LLM's responses. No HTTP, no waiting: time is handed in and
//! deadlines are handed out, so that the same code runs behind a server, in a benchmark and under
//! simulated time.
//!
//! # Layout
//! - `tokenizer`: OpenAI's vocabulary `o200k_base`: tokens of a text, text of tokens, counts
//! - `text`: readable text of an exact number of tokens
//! - `content`: the content of one response: choices of segments, token by token
//! - `schedule`: the deadlines of its tokens
//! - `embedding`: simulated embedding vectors
//! - `schema`: JSON that satisfies a JSON Schema
//! - `transcript`, `script`: the conversation before an answer, and rules that choose the answer by it
//! - `profile`: the latency and capability set of a named model, read from TOML and checked
//! - `refusal`: why a call is refused
//! - `planner`: decides the content of an answer to a [`GenerationRequest`]
//! - `engine`: how calls share a simulated replica: a [`Job`] is admitted and becomes a [`Lease`]

mod content;
mod embedding;
mod engine;
mod planner;
mod profile;
mod refusal;
mod schedule;
mod schema;
mod script;
mod text;
mod tokenizer;
mod transcript;

pub use content::{
    Choice, Content, ContentCursor, Event, Finish, Segment, SegmentKind, StepSizes, Text, TokenRun, Tokens,
};
pub use embedding::{EmbeddingInput, embed};
pub use engine::{
    BatchingEngine, Engine, IndependentEngine, Job, Lease, ProfileEngine, PromptPrefix, ReplicaStats, Turn,
    TurnTable,
};
pub use planner::{
    Cost, Eos, Format, GenerationRequest, Reasoning, Reply, ResponsePlanner, Tool, ToolCalls, ToolChoice,
    ToolInput,
};
pub use profile::{
    BatchingConfig, Catalog, Curve, DisaggregatedPrefill, Effort, EngineConfig, Month, NameMatch, Price,
    Profile, ReasoningPhase, ReasoningVisibility, Routing, Saturation, SchedulingPolicy, StepTime,
};
pub use refusal::Refusal;
pub use schedule::{Due, LiveNext, LiveSchedule, LiveState, LiveTimes, PlannedTimes, Progress, Schedule};
pub use schema::{Schema, SchemaError, Schemas};
pub use script::{ResponseMode, Script, ScriptedError};
pub use text::TextTokens;
pub use tokenizer::{TokenCounter, decode, decode_whole, encode, encode_message, encode_message_header};
pub use transcript::{LastMessage, ToolResult, Transcript};
