//! `weir chains list`: lists all chains.

use std::path::PathBuf;

use weir_chains::Catalog;

use super::table::{Column, Table};
use crate::{
    catalogs,
    exit::{Exit, Failure, Outcome},
    output,
};

/// List all chains: the built-in ones and your own.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Additional chains: a TOML file, or a folder of TOML files.
    #[arg(long, value_name = "PATH")]
    chains: Option<PathBuf>,
}

pub(super) fn run(args: &Args) -> Outcome {
    let chains = catalogs::chains(args.chains.as_deref()).map_err(Failure::usage)?;
    output::print(&list(&chains))?;
    Ok(Exit::Passed)
}

fn list(chains: &Catalog) -> String {
    let mut table = Table::new([Column::Words("chain"), Column::Figures("steps"), Column::Words("about")]);
    for plan in chains.iter() {
        let about = plan.about().unwrap_or_default();
        table.row([plan.name().to_string(), plan.steps().len().to_string(), in_one_line(about)]);
    }
    table.text()
}

/// Joins the lines of a description.
pub(super) fn in_one_line(about: &str) -> String {
    about.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn list_has_name_steps_and_description() {
        let source = "
            [chain.search]
            about = '''Two sources,
                       then an answer'''
            [chain.search.step.a]
            tool = { takes = '1ms' }
            [chain.search.step.b]
            tool = { takes = '1ms' }
            [chain.a-chain-of-one.step.a]
            tool = { takes = '1ms' }";
        insta::assert_snapshot!(list(&Catalog::parse(source, "mine.toml").unwrap()), @"
          chain           steps  about
          a-chain-of-one      1
          search              2  Two sources, then an answer
        ");
    }
}
