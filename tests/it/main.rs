//! Whole-system tests: the real program as a child process, over HTTP.
//!
//! # Layout
//! - `support`: the program as a child, a client for it, raw connections for clients that misbehave
//! - `architecture`: who may depend on whom, and the other rules that can be checked
//! - one file a topic: `chat`, `errors`, `limits`, `chains`, `chains_cli`, `shutdown`, `cli`, `load`, `timing`,
//!   `upstream`; one a reference system: `agent_connector`

#![cfg(test)]

mod agent_connector;
mod architecture;
mod chains;
mod chains_cli;
mod chat;
mod cli;
mod errors;
mod limits;
mod load;
mod shutdown;
mod support;
mod timing;
mod upstream;
