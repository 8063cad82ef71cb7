//! The full-screen view of a run.
//!
//! # Layout
//! - `draw`: draws the screen, a pure function of its state
//! - `keys`: the actions of keys
//! - `screen`: sets up the terminal, and always restores it
//! - `watch`: the thread that draws and reads keys

mod draw;
mod keys;
mod screen;
mod watch;

pub(crate) use screen::{is_available, restore};
pub(crate) use watch::TerminalView;
