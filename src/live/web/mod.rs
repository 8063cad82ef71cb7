//! A page to start, watch, change and stop runs from.
//!
//! # Layout
//! - `session`: one run after another, on the thread that the program began with
//! - `desk`: what the session and the page share: the state of things, and the orders given
//! - `site`: the listener with a thread and a runtime of its own
//! - `guard`: who may ask; `api`: what can be asked; `files`: the page's own files, and those of a report
//! - `assets/`: the page; charts and styles are the report's

mod api;
mod desk;
mod files;
mod guard;
mod session;
mod settings;
mod site;
mod state;

pub(crate) use session::{Reported, Run, hold};
pub(crate) use settings::{Beginning, Settings, Token};
