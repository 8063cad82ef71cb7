//! What to send, and how to read the answer.

mod blueprint;
mod body;
mod check;
mod conversation;
mod prepared;
mod prompt;
mod read;
mod text;

pub(crate) use blueprint::{Auth, Base, Blueprint, PlainKind, Reading, StreamKind};
pub(crate) use body::Body;
pub(crate) use check::{Check, RateLimiting, Statuses};
pub(crate) use conversation::Conversation;
pub(crate) use prepared::{Form, Prepared};
pub(crate) use prompt::{PROMPT_TOKENS_MAX, Prompt, Said};
pub(crate) use read::{Pointer, StreamReader, read_plain, server_timing, text_of_answer};
pub(crate) use text::{Occasion, TemplateError, Templates, Text};
