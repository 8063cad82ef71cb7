//! Reads answers: pure functions of bytes and the instants at which they arrived.

mod event;
mod event_pattern;
mod json;
mod pointer;
mod reader;
mod server_timing;
mod stream;

pub(crate) use event::{Deltas, InputDetails, MergedDeltas, ParsedEvent, Position, Presence, Usage};
pub(crate) use json::{fail_on_error, parse, protocol_problem, stream_error};
pub(crate) use pointer::look_up;
pub(crate) use reader::{BodyReader, EventReader, text_at, texts_of_parts};
pub(crate) use server_timing::server_timing;
pub(crate) use stream::{DONE, StreamReader};
