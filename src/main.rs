//! `weir`: a mock LLM and chain backend, and a load generator. This package is the only place that wires
//! everything together, prints, and exits.
//!
//! # Layout
//! - `cli`: the command line
//! - `bench`, `serve`, `load`, `report`, `chains`, `schema`, `completions`, `man`: the subcommands; `catalogs`: the models and
//!   chains they use
//! - `live`, `progress`, `output`: display and files of a run; `child`: the child server; `exit`, `system`: exit codes, signals

#![expect(clippy::print_stderr, reason = "only the command prints")]

mod bench;
mod catalogs;
mod chains;
mod child;
mod cli;
mod completions;
mod exit;
mod live;
mod load;
mod man;
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
