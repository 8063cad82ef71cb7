//! The subcommands of `weir chains`.

use clap::Subcommand;

use super::{check, list, run, show};
use crate::exit::Outcome;

/// List, check, show and run chains locally, without a server.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    List(list::Args),
    Check(check::Args),
    Show(show::Args),
    Run(run::Args),
}

impl Args {
    /// Runs the subcommand.
    pub(crate) fn run(self) -> Outcome {
        match self.command {
            Command::List(args) => list::run(&args),
            Command::Check(args) => check::run(&args),
            Command::Show(args) => show::run(&args),
            Command::Run(args) => run::run(&args),
        }
    }
}
