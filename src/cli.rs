//! The command line.

use std::process::ExitCode;

use clap::{CommandFactory, Parser, Subcommand};
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::{Layer as _, layer::SubscriberExt as _, util::SubscriberInitExt as _};

use crate::{
    bench, chains, completions, diagnostics, exit::Outcome, faults, init, load, man, models, report, schema,
    serve, system,
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
    Init(init::Args),
    Report(report::Args),
    Chains(chains::Args),
    Models(models::Args),
    Faults(faults::Args),
    Schema(schema::Args),
    Completions(completions::Args),
    Man(man::Args),
}

/// Parses the command line and runs the subcommand.
pub(crate) fn run() -> ExitCode {
    let cli = Cli::parse();
    log(cli.command.logs_requests());
    system::raise_file_limit();
    system::report_file_size_limit_as_error();
    match cli.command.run() {
        Ok(exit) => exit.into(),
        Err(failure) => {
            diagnostics::print(&failure);
            failure.exit.into()
        }
    }
}

impl Command {
    /// Whether a line is logged for each request.
    fn logs_requests(&self) -> bool {
        match self {
            Self::Serve(args) => args.logs_requests(),
            Self::Bench(_)
            | Self::Load(_)
            | Self::Init(_)
            | Self::Report(_)
            | Self::Chains(_)
            | Self::Models(_)
            | Self::Faults(_)
            | Self::Schema(_)
            | Self::Completions(_)
            | Self::Man(_) => false,
        }
    }

    fn run(self) -> Outcome {
        match self {
            Self::Bench(args) => bench::run(&args),
            Self::Serve(args) => serve::run(&args),
            Self::Load(args) => load::run(&args),
            Self::Init(args) => init::run(&args),
            Self::Report(args) => report::run(&args),
            Self::Chains(args) => args.run(),
            Self::Models(args) => models::run(&args),
            Self::Faults(args) => faults::run(&args),
            Self::Schema(args) => schema::run(&args),
            Self::Completions(args) => completions::run(&args, Cli::command()),
            Self::Man(args) => man::run(&args, Cli::command()),
        }
    }
}

/// Writes logs to stderr, from warnings on (and which profile answers to an unknown model) or with the filter in `WEIR_LOG`: `debug`, `weir_server=trace,info`.
fn log(requests: bool) {
    let default =
        || Targets::new().with_default(LevelFilter::WARN).with_target("weir::models", LevelFilter::INFO);
    let (levels, problem) = match std::env::var("WEIR_LOG").map(|levels| levels.parse::<Targets>()) {
        Ok(Ok(levels)) => (levels, None),
        Ok(Err(error)) => (default(), Some(error)),
        Err(_) => (default(), None),
    };
    let levels = if requests { levels.with_target("weir::requests", LevelFilter::INFO) } else { levels };
    let lines = tracing_subscriber::fmt::layer().with_ansi(false).with_writer(std::io::stderr).without_time();
    // Otherwise a line that cannot be written would be a panic.
    let lines = lines.log_internal_errors(false);
    tracing_subscriber::registry().with(lines.with_filter(levels)).init();
    if let Some(error) = problem {
        tracing::warn!(
            "WEIR_LOG is not valid ({error}); expected a level such as `debug`, or `target=level,…`"
        );
    }
}

/// The definition of all commands.
#[cfg(test)]
pub(crate) fn command() -> clap::Command {
    Cli::command()
}
