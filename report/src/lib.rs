//! Reports of measurements: pure functions of results.
//!
//! # Layout
//!
//! ```text
//! format    the trait of a format: a file name and a renderer
//! service   request rates, availability and failures by group, in words
//! expected  the requested load and its expected throughput
//! remarks   warnings and notes about the figures
//! verdict   the verdict on the figures, in a sentence
//! terminal/ text for a terminal
//! json, csv, timeline, figures, hlog, markdown, junit, html/, locust/
//! files     the formats of a report
//! write     writes the files
//! ```
//!
//! The crate depends on `results`, not on the way they were measured.

mod csv;
mod expected;
mod figures;
mod files;
mod format;
mod hlog;
mod html;
mod json;
mod junit;
mod locust;
mod markdown;
mod remarks;
mod service;
mod terminal;
mod timeline;
mod verdict;
mod write;

pub use expected::load_in_words;
pub use files::{file_names, files, locust_file_names};
pub use format::{Format, RenderError};
pub use hlog::HistogramLog;
pub use html::{CHART_SCRIPT, Html, PAGE_STYLE, thin};
pub use json::Json;
pub use junit::Junit;
pub use markdown::Markdown;
pub use terminal::{Page, Style, terminal};
pub use timeline::Timeline;
pub use write::{WriteError, write_all, write_partial};
