//! What to send, and how to read the answer.

mod blueprint;
mod body;
mod capture;
mod check;
mod conversation;
mod feed;
mod pointer;
mod prepared;
mod prompt;
pub(crate) mod read;
mod reply;
mod retry;
mod text;
mod tools;

pub(crate) use blueprint::{Auth, Base, Blueprint, EVENT_STREAM, Headers, Reading};
pub(crate) use body::Body;
pub(crate) use capture::Captures;
pub(crate) use check::{Check, ExpectedValue, RateLimiting, Statuses};
pub(crate) use conversation::Conversation;
pub(crate) use feed::{Cursors, Feed, Feeds, Order, TableRow};
pub(crate) use pointer::{Pointer, PointerError};
pub(crate) use prepared::{Form, Prepared};
pub(crate) use prompt::{PROMPT_TOKENS_MAX, Prompt, PromptText};
pub(crate) use read::{StreamReader, server_timing};
pub(crate) use reply::{
    CallKind, History, Reply, ToolCall, ToolResult, arguments_text, member, push_message,
};
pub(crate) use retry::{RETRY_KINDS, RetryCause, RetryPolicy, retry_after};
#[cfg(test)]
pub(crate) use text::at_turn;
pub(crate) use text::{
    Captured, TemplateContext, TemplateError, TemplateProblem, Templates, Text, Variables, is_capture_name,
    is_identifier, is_template,
};
pub(crate) use tools::Tools;
