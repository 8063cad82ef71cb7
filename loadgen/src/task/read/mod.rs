//! Reads answers: pure functions of bytes and the instants at which they arrived. docs/figures.md defines the life of an
//! answer.

mod choices;
mod chunk_tokens;
mod event;
mod event_pattern;
mod json;
mod merged;
mod pointer;
mod reader;
mod server_timing;
mod stream;
mod usage;

pub(crate) use choices::{ChoiceIndex, ChoiceMarks};
pub(crate) use event::{Deltas, ParsedEvent, Position, Presence};
pub(crate) use json::{error_in_answer, error_of_document, fail_on_error, mended, parse, protocol_problem};
pub(crate) use merged::{Content, Merge, Merged};
pub(crate) use pointer::look_up;
pub(crate) use reader::{BodyContent, BodyReader, Completion, EventReader};
pub(crate) use server_timing::server_timing;
pub(crate) use stream::{DONE, StreamReader};
pub(crate) use usage::{Count, InputDetails, Usage, read_usage};
