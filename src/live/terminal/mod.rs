//! The full-screen view of a run.
//!
//! # Layout
//! - `draw`: a pure function of what is shown to what stands on the screen
//! - `keys`: what keys ask for
//! - `screen`: the terminal taken and given back, whatever happens
//! - `watch`: the thread that draws and listens

mod draw;
mod keys;
mod screen;
mod watch;

pub(crate) use screen::{can_be_taken, give_back};
pub(crate) use watch::TerminalView;
