//! `weir chains check`: reports every error in a file.

use std::{
    fmt::Write as _,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, anyhow};
use weir_chains::{Catalog, REPORTED_ERRORS_MAX};
use weir_model::Catalog as Models;

use super::named;
use crate::{
    catalogs, diagnostics,
    exit::{Exit, Failure, Outcome},
    output,
};

/// Check a file of chains, and report every error with its line.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// TOML file with chains, or a folder of TOML files.
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Additional model profiles for the chains: a TOML file, or a folder of TOML files.
    #[arg(long, value_name = "PATH")]
    models: Option<PathBuf>,
}

/// The result of one file or folder.
#[derive(Debug, Default)]
struct Findings {
    chains: Catalog,
    /// Each starts on a new line.
    faults: String,
    fault_count: usize,
}

pub(super) fn run(args: &Args) -> Outcome {
    let models = catalogs::models(args.models.as_deref()).map_err(Failure::usage)?;
    let found = inspect(&args.file, &models).map_err(Failure::usage)?;
    output::print(&found.faults)?;
    if found.fault_count > 0 {
        return Err(Failure::usage(anyhow!(counted(found.fault_count, "fault"))));
    }
    // The built-in chains can be run as steps, too.
    catalogs::chains(Some(&args.file)).map_err(Failure::usage)?;
    let steps = found.chains.iter().map(|plan| plan.steps().len()).sum();
    let chains = counted(found.chains.names().count(), "chain");
    output::print(&format!(
        "{}: {chains} with {}, all sound\n",
        args.file.display(),
        counted(steps, "step")
    ))?;
    Ok(Exit::Passed)
}

fn inspect(path: &Path, models: &Models) -> anyhow::Result<Findings> {
    let files = catalogs::toml_files(Some(path))?;
    if files.is_empty() {
        return Err(anyhow!("{}: there is no file *.toml in this folder", path.display()));
    }
    let mut found = Findings::default();
    for file in files {
        let origin = file.display().to_string();
        let model_fault = |name: &str| models.get(name).is_none().then(|| named::unknown_model(name, models));
        match Catalog::lint(&catalogs::read(&file)?, &origin, model_fault) {
            Ok(chains) => found.chains.merge(chains).with_context(|| origin)?,
            Err(faults) => {
                for fault in &faults {
                    writeln!(found.faults, "{}", diagnostics::list_item(fault.diagnostic()))?;
                }
                if faults.len() == REPORTED_ERRORS_MAX {
                    writeln!(
                        found.faults,
                        "{origin}: only the first {REPORTED_ERRORS_MAX} errors of a file are reported"
                    )?;
                }
                found.fault_count += faults.len();
            }
        }
    }
    Ok(found)
}

/// `1 chain`, `2 chains`.
fn counted(count: usize, what: &str) -> String {
    if count == 1 { format!("1 {what}") } else { format!("{count} {what}s") }
}
