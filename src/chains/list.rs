//! `weir chains list`: what there is.

use std::path::PathBuf;

use weir_chains::Catalog;

use super::table::{Column, Table};
use crate::{
    catalogs,
    exit::{Exit, Failure, Outcome},
    output,
};

/// List all chains: those that come with the program, and your own.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// More chains: a TOML file, or a folder of them.
    #[arg(long, value_name = "PATH")]
    chains: Option<PathBuf>,
}

pub(super) fn run(args: &Args) -> Outcome {
    let chains = catalogs::chains(args.chains.as_deref()).map_err(Failure::usage)?;
    output::tell(&list(&chains));
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

/// An author may write about a chain over several lines.
pub(super) fn in_one_line(about: &str) -> String {
    about.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chains_are_listed_with_their_steps_and_what_they_are_for() {
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
