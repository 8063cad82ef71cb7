//! `weir models`: the models that can be simulated, with their expected figures.

mod details;
mod list;
mod record;

use std::path::PathBuf;

use anyhow::anyhow;
use weir_model::{Catalog, NameMatch, Profile};
use weir_pace::Suggestion;

use self::record::Record;
use crate::{
    catalogs,
    exit::{Exit, Failure, Outcome},
    output,
};

/// List the models that can be simulated, or show the figures of one.
///
/// TTFT is the expected median until the first visible token of a short prompt, hidden reasoning included; tokens/s is the
/// mean speed after it.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Name or alias of a model, or any name of its family: shows all its figures.
    #[arg(value_name = "NAME")]
    name: Option<String>,
    /// Additional model profiles: a TOML file, or a folder of TOML files.
    #[arg(long, value_name = "PATH")]
    models: Option<PathBuf>,
    /// Output format.
    #[arg(long, value_name = "FORMAT", value_enum, default_value_t = Format::Text)]
    format: Format,
}

#[derive(Clone, Copy, Debug, clap::ValueEnum)]
enum Format {
    /// A table.
    Text,
    /// JSON: a list of objects, or the object of one model.
    Json,
}

pub(crate) fn run(args: &Args) -> Outcome {
    let models = catalogs::models(args.models.as_deref()).map_err(Failure::usage)?;
    let text = match (&args.name, args.format) {
        (None, Format::Text) => list::table(models.iter().map(|profile| &**profile)),
        (None, Format::Json) => {
            json(&models.iter().map(|profile| Record::new(profile, NameMatch::Name)).collect::<Vec<_>>())?
        }
        (Some(name), format) => {
            let (profile, name_match) = named(&models, name).map_err(Failure::usage)?;
            match format {
                Format::Text => details::text(profile, name, name_match),
                Format::Json => json(&Record::new(profile, name_match))?,
            }
        }
    };
    output::print(&text)?;
    Ok(Exit::Passed)
}

/// Returns the profile that answers to `name`, and what of it matches.
fn named<'a>(models: &'a Catalog, name: &str) -> anyhow::Result<(&'a Profile, NameMatch<'a>)> {
    let found = models.find(name).map(|(profile, name_match)| (&**profile, name_match));
    found.ok_or_else(|| {
        let hint = Suggestion::nearest(name, models.names());
        anyhow!("unknown model `{name}`{hint}; `weir models` lists all")
    })
}

fn json(value: &impl serde::Serialize) -> Result<String, Failure> {
    Ok(serde_json::to_string_pretty(value).map_err(Failure::invalid)? + "\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn named_unknown_model_names_the_nearest() {
        let models = Catalog::embedded().unwrap();
        let message = |name| named(&models, name).unwrap_err().to_string();
        insta::assert_snapshot!(message("stedy"), @"unknown model `stedy` (did you mean `steady`?); `weir models` lists all");
        insta::assert_snapshot!(message("zzz"), @"unknown model `zzz`; `weir models` lists all");
    }
}
