//! A run under way, for those who watch it: a full screen on the terminal, a page in the browser, or plain lines.
//!
//! # Layout
//! - `flags`: the flags, checked into [`Live`]
//! - `view`: what is shown, a pure function of the summary so far
//! - `terminal`: the full-screen view; `web`: the page and its API
//! - `watcher`: what a run tells once a second; nothing of all this runs where the load is made

mod flags;
mod terminal;
mod view;
mod watcher;
mod web;

pub(crate) use flags::{Flags, Live};
pub(crate) use terminal::{TerminalView, give_back};
pub(crate) use watcher::Watcher;
pub(crate) use web::{Reported, Run, hold};
