//! What to send, and how to read the answer.

mod blueprint;
mod check;
mod prepared;
mod read;
mod text;

pub(crate) use blueprint::{Base, Blueprint, Reading, StreamKind};
pub(crate) use check::{Check, RateLimiting, Statuses};
pub(crate) use prepared::Prepared;
pub(crate) use read::{StreamReader, read_plain, server_timing};
pub(crate) use text::{TemplateError, Templates, Text};
