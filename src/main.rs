//! `weir`: a mock LLM and chain backend, and a load generator. This package is the only place that wires
//! everything together, prints, and exits.
//!
//! # Layout
//! - `cli`: what can be typed
//! - `bench`, `serve`, `load`, `report`, `chains`, `schema`: one file or folder a subcommand; `catalogs`: the models and chains they know
//! - `live`: what watches a load: the terminal's full screen, the page
//! - `child`: a server of our own; `progress` and `output`: what a run shows; `exit`: exit codes
//! - `system`: what the process asks of the system: more files, ctrl-C

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
mod scenarios;
mod schema;
mod search;
mod serve;
mod system;

use std::process::ExitCode;

fn main() -> ExitCode {
    cli::run()
}
