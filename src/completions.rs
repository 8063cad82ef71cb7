//! `weir completions`: completion scripts for shells.

use clap_complete::Shell;

use crate::{
    exit::{Exit, Failure, Outcome},
    output,
};

/// Print the completion script of a shell.
///
/// Example for bash: weir completions bash > ~/.local/share/bash-completion/completions/weir
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Shell to complete commands in.
    #[arg(value_name = "SHELL")]
    shell: Shell,
}

/// Prints the completion script of `command`.
pub(crate) fn run(args: &Args, mut command: clap::Command) -> Outcome {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut command, "weir", &mut script);
    output::print(&String::from_utf8(script).map_err(Failure::invalid)?)?;
    Ok(Exit::Passed)
}
