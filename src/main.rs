//! `weir`: a mock LLM and chain backend, and a load generator. Only this package connects them, prints and exits.
//!
//! `cli` is the command line; `bench` to `man` are the subcommands, and the other modules their display, files and signals.

#[macro_use]
mod stderr;
mod bench;
mod catalogs;
mod chains;
mod cli;
mod completions;
mod diagnostics;
mod exit;
mod faults;
mod init;
mod live;
mod load;
mod man;
mod models;
mod output;
mod progress;
mod report;
mod request_flags;
mod schema;
mod serve;
mod system;

fn main() -> std::process::ExitCode {
    cli::run()
}
