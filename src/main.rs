//! `weir`: a mock LLM and chain backend, and a load generator. This package is the only place that wires
//! everything together, prints, and exits.
//!
//! # Layout
//! - `cli`: what can be typed
//! - `serve`: one file a subcommand
//! - `exit`: exit codes, and the errors that lead to them
//! - `system`: what the process asks of the system: more files, ctrl-C

#![expect(clippy::print_stderr, reason = "the command is what talks to people")]

mod cli;
mod exit;
mod serve;
mod system;

use std::process::ExitCode;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    cli::run()
}
