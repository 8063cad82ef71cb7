//! `weir schema`: JSON Schemas of files, for editors.

use crate::{
    exit::{Exit, Failure, Outcome},
    output,
};

/// Print the JSON Schema of a file format, for validation and completion in editors.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// File format.
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
    output::print(&format!("{text}\n"));
    Ok(Exit::Passed)
}
