//! `weir man`: manual pages.

use std::{fs, path::PathBuf};

use anyhow::Context as _;

use crate::exit::{Exit, Failure, Outcome};

/// Write the manual pages, one file per subcommand.
///
/// Example: weir man ~/.local/share/man/man1
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Directory for the files weir.1, weir-load.1 and so on; created if it does not exist.
    #[arg(value_name = "DIR")]
    dir: PathBuf,
}

/// Writes the manual pages of `command`.
pub(crate) fn run(args: &Args, command: clap::Command) -> Outcome {
    let Args { dir } = args;
    fs::create_dir_all(dir)
        .and_then(|()| clap_mangen::generate_to(command, dir))
        .with_context(|| format!("cannot write the manual pages to {}", dir.display()))
        .map_err(Failure::invalid)?;
    Ok(Exit::Passed)
}
