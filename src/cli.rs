//! The command line.

use std::process::ExitCode;

use clap::{CommandFactory, Parser, Subcommand};

use crate::{
    bench, chains, completions, diagnostics, exit::Outcome, load, man, report, schema, serve, system,
};

/// A mock LLM and chain backend with accurate timing, and a load generator that reports its own measurement
/// error.
#[derive(Debug, Parser)]
#[command(
    name = "weir",
    version,
    max_term_width = 100,
    subcommand_required = true,
    arg_required_else_help = true
)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Bench(bench::Args),
    Serve(serve::Args),
    Load(Box<load::Args>),
    Report(report::Args),
    Chains(chains::Args),
    Schema(schema::Args),
    Completions(completions::Args),
    Man(man::Args),
}

/// Parses the command line and runs the subcommand.
pub(crate) fn run() -> ExitCode {
    let cli = Cli::parse();
    log();
    system::raise_file_limit();
    match cli.command.run() {
        Ok(exit) => exit.into(),
        Err(failure) => {
            diagnostics::print(&failure);
            failure.exit.into()
        }
    }
}

impl Command {
    fn run(self) -> Outcome {
        match self {
            Self::Bench(args) => bench::run(&args),
            Self::Serve(args) => serve::run(&args),
            Self::Load(args) => load::run(&args),
            Self::Report(args) => report::run(&args),
            Self::Chains(args) => args.run(),
            Self::Schema(args) => schema::run(&args),
            Self::Completions(args) => completions::run(&args, Cli::command()),
            Self::Man(args) => man::run(&args, Cli::command()),
        }
    }
}

/// Logs go to stderr; `WEIR_LOG=debug` shows more.
fn log() {
    let filter = tracing_subscriber::EnvFilter::try_from_env("WEIR_LOG")
        .unwrap_or_else(|_| tracing_subscriber::EnvFilter::new("warn"));
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_ansi(false)
        .with_writer(std::io::stderr)
        .without_time()
        .init();
}
