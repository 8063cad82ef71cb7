//! Live views of a run: a full screen on the terminal, a web page, or plain lines.
//!
//! # Layout
//! - `flags`: the flags, checked into [`Live`]
//! - `view`: the model of the views, a pure function of the summary so far
//! - `terminal`: the full-screen view; `web`: the page and its API
//! - `watcher`: receives the summary once a second; nothing of this runs in the workers

mod flags;
mod terminal;
mod view;
mod watcher;
mod web;

pub(crate) use flags::{Flags, Live};
pub(crate) use terminal::{TerminalView, restore};
pub(crate) use watcher::Watcher;
pub(crate) use web::{Reported, Run, run_session};
