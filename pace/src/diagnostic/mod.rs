//! Errors of the files and variables that users write: typed, with their place and the nearest known name.
//!
//! A file is parsed as a [`Document`] and read into a type; a [`Diagnostic`] is displayed as
//! `origin:line: key: message` and keeps the line for an excerpt. Values that come from elsewhere are read with
//! [`read_settings`], whose [`SettingError`] has no place yet.

mod document;
mod enum_visitor;
mod expected;
mod path;
mod report;
mod secrets;
mod setting_error;
mod state;
mod suggestion;
#[cfg(test)]
mod tests;
mod tracked;

pub use document::Document;
pub use expected::{Expected, Found, ValueKind};
pub use path::{KeyPath, KeySegment, quote_key};
pub use report::{Diagnostic, Excerpt};
pub use setting_error::{SettingError, SettingProblem};
pub use suggestion::{Suggestion, nearest};
pub use tracked::read_settings;
