//! Errors of the files and variables that users write: typed, with their place and the nearest known name.
//!
//! A file is parsed as a [`Document`] and read into a type; a [`Diagnostic`] is displayed as
//! `origin:line: key: message` and keeps the line for an excerpt. Values that come from elsewhere are [`Node`]s, which
//! [`read_settings`] reads; its [`SettingError`] has no place yet.

mod document;
mod expected;
mod file;
mod node;
mod path;
mod prefix;
mod reader;
mod report;
mod secrets;
mod setting_error;
mod suggestion;
#[cfg(test)]
mod tests;

pub use document::Document;
pub use expected::{Expected, Found, ValueKind};
pub use file::read_text_file;
pub use node::{Node, NodeKey, NodeValue, TomlNode, TomlValueNode};
pub use path::{KeyPath, KeySegment, quote_key};
pub use reader::read_settings;
pub use report::{Diagnostic, Excerpt};
pub use setting_error::{SettingError, SettingProblem};
pub use suggestion::{Suggestion, nearest};
