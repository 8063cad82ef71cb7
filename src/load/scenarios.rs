//! `weir load list` and `weir load show`: the built-in scenarios.

use weir_loadgen::Scenario;

use crate::{
    exit::{Exit, Failure, Outcome},
    output::print,
};

/// Subcommands for the built-in scenarios.
#[derive(Debug, clap::Subcommand)]
pub(crate) enum Command {
    /// List the built-in scenarios and their variants.
    List,
    /// Print a built-in scenario, as a template for your own.
    Show {
        /// Name of the scenario.
        #[arg(value_name = "NAME")]
        name: String,
    },
}

impl Command {
    pub(crate) fn run(&self) -> Outcome {
        match self {
            Self::List => print(&list()?)?,
            Self::Show { name } => print(Scenario::builtin_text(name).map_err(Failure::usage)?)?,
        }
        Ok(Exit::Passed)
    }
}

/// One line each, with variants in the syntax of the command line.
fn list() -> Result<String, Failure> {
    let mut rows: Vec<(String, String)> = Vec::new();
    for name in Scenario::builtin_names() {
        let scenario = Scenario::builtin(name, &|_| None).map_err(Failure::usage)?;
        rows.push((name.to_owned(), scenario.about().to_owned()));
        let variants = scenario.variants().iter();
        rows.extend(variants.map(|(variant, about)| (format!("{name}:{variant}"), about.clone())));
    }
    let width = rows.iter().map(|(name, _)| name.chars().count()).max().unwrap_or_default();
    Ok(rows.iter().map(|(name, about)| format!("{name:<width$}  {about}\n")).collect())
}
