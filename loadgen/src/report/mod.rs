//! Pure functions of what was measured: a screen for the terminal, and files.

mod content;
mod expected;
#[cfg(test)]
pub(crate) mod fixture;
mod format;
mod hlog;
mod html;
mod json;
mod junit;
mod markdown;
mod remarks;
mod terminal;
mod timeline;
pub mod units;
mod verdict;
mod write;

pub use content::{Measured, Report, Section};
pub use format::{Format, RenderError};
pub use hlog::HistogramLog;
pub use html::Html;
pub use json::Json;
pub use junit::Junit;
pub use markdown::Markdown;
pub use terminal::{Style, terminal};
pub use timeline::Timeline;
pub use write::{WriteError, write_all};

/// The files that every run leaves.
pub const FILES: [&dyn Format; 6] = [&Json, &Html, &Timeline, &HistogramLog, &Markdown, &Junit];
