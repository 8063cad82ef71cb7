//! Reports of what was measured: pure functions of results.
//!
//! # Layout
//!
//! ```text
//! format    what a report's form offers: a file name and a renderer
//! expected  the load that was asked for, in words
//! remarks   what a reader has to know before the figures
//! verdict   what the figures come to, in a sentence
//! terminal/ for people, at once
//! json, csv, timeline, hlog, markdown, junit, html/, locust/
//! files     which forms a report is written in
//! write     the files themselves
//! ```
//!
//! The crate sees `results` and nothing of how they were measured.

mod csv;
mod expected;
mod files;
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
mod verdict;
mod write;

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
