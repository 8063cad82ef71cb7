//! Pure functions of what was measured: a screen for the terminal, and files.

mod content;
mod csv;
mod expected;
mod files;
#[cfg(test)]
pub(crate) mod fixture;
mod format;
mod hlog;
mod html;
mod json;
mod junit;
mod locust;
mod markdown;
mod remarks;
mod terminal;
mod timeline;
pub mod units;
mod verdict;
mod write;

pub use content::{Measured, Report, Section};
pub use expected::load_in_words;
pub use files::{file_names, files};
pub use format::{Format, RenderError};
pub use hlog::HistogramLog;
pub use html::{CHART_SCRIPT, Html, PAGE_STYLE, thin};
pub use json::Json;
pub use junit::Junit;
pub use markdown::Markdown;
pub use terminal::{Style, terminal};
pub use timeline::Timeline;
pub use write::{WriteError, write_all};
