//! `weir schema`: what files look like, for editors.

use crate::{
    exit::{Exit, Failure, Outcome},
    output,
};

/// Print the JSON Schema of a file format: editors check and complete files by it.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Which files.
    #[arg(value_name = "FORMAT")]
    format: Format,
}

/// A format of files.
#[derive(Clone, Copy, Debug, clap::ValueEnum)]
enum Format {
    /// Scenarios of `weir load`
    Scenario,
}

/// Prints the schema.
pub(crate) fn run(args: &Args) -> Outcome {
    let schema = match args.format {
        Format::Scenario => weir_loadgen::Scenario::schema(),
    };
    let text = serde_json::to_string_pretty(&schema).map_err(Failure::invalid)?;
    output::tell(&format!("{text}\n"));
    Ok(Exit::Passed)
}
