//! `weir`: a mock LLM and chain backend, and a load generator. This package is the only place that wires
//! everything together, prints, and exits.
//!
//! # Layout
//! - `cli`: what can be typed
//! - `bench`, `serve`, `load`, `report`, `chains`, `schema`: a subcommand each; `catalogs`: what models and chains they know
//! - `live`, `progress`, `output`: what a run shows and leaves; `child`: a server of our own; `exit`, `system`: codes, signals

#![expect(clippy::print_stderr, reason = "the command is what talks to people")]

mod bench;
mod catalogs;
mod chains;
mod child;
mod cli;
mod exit;
mod live;
mod load;
mod output;
mod progress;
mod report;
mod schema;
mod serve;
mod system;

use std::process::ExitCode;

fn main() -> ExitCode {
    cli::run()
}
