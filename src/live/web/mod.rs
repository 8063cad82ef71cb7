//! A web page that starts, shows, changes and stops runs.
//!
//! # Layout
//! - `session`: consecutive runs on the main thread
//! - `handle`: what the session and the page share: the state of state, and the orders given
//! - `site`: the listener with a separate thread and runtime; `progressing`: closes connections that nobody reads
//! - `guard`: access control; `api`: the API; `files`: the files of the page and of reports
//! - `assets/`: the page; charts and styles are the report's

mod api;
mod files;
mod guard;
mod progressing;
mod session;
mod session_handle;
mod settings;
mod site;
mod state;

pub(crate) use session::{Reported, Run, run_session};
pub(crate) use settings::{Settings, StartMode, Token};
