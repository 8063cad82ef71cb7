//! `weir schema`: JSON Schemas of files, for editors.

use weir_loadgen::Scenario;

use crate::{
    exit::{Exit, Failure, Outcome},
    output,
};

/// Print the JSON Schema of a file format, for validation and completion in editors, or its reference.
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
    /// The reference of scenarios in Markdown: every key and every figure of thresholds (docs/scenarios.md)
    ScenarioReference,
}

/// Prints the schema.
pub(crate) fn run(args: &Args) -> Outcome {
    let text = match args.format {
        Format::Scenario => {
            serde_json::to_string_pretty(&Scenario::schema()).map_err(Failure::invalid)? + "\n"
        }
        Format::ScenarioReference => Scenario::reference(),
    };
    output::print(&text)?;
    Ok(Exit::Passed)
}
