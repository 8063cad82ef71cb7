//! What to send, and how to read the answer.

mod blueprint;
mod capture;
mod check;
mod feed;
mod pointer;
mod prepared;
mod read;
mod text;

pub(crate) use blueprint::{Base, Blueprint, Headers, Reading, StreamKind};
pub(crate) use capture::Captures;
pub(crate) use check::{Check, Needed, RateLimiting, Statuses};
pub(crate) use feed::{Cursors, Feed, Feeds, Order, Record};
pub(crate) use pointer::{Pointer, PointerError};
pub(crate) use prepared::Prepared;
pub(crate) use read::{StreamReader, read_plain, server_timing};
pub(crate) use text::{
    Captured, Scene, TemplateError, TemplateProblem, Templates, Text, Variables, is_free, is_template,
    is_word,
};
