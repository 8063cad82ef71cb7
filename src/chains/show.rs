//! `weir chains show`: the graph of a chain, and the possible speedup.

use std::{fmt::Write as _, time::Duration};

use weir_chains::Step;
use weir_results::units;

use super::{
    expectation::{Expectation, speedup},
    list::in_one_line,
    mermaid, named,
    table::{Column, Table},
};
use crate::{
    catalogs::Sources,
    exit::{Exit, Failure, Outcome},
    output,
};

/// Show a chain: its steps, their expected durations, and the possible speedup.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Name of the chain.
    #[arg(value_name = "NAME")]
    name: String,
    #[command(flatten)]
    sources: Sources,
    /// Output format.
    #[arg(long, value_name = "FORMAT", value_enum, default_value_t = Format::Text)]
    format: Format,
}

#[derive(Clone, Copy, Debug, clap::ValueEnum)]
enum Format {
    /// Tables.
    Text,
    /// A Mermaid graph, which many Markdown viewers draw.
    Mermaid,
}

pub(super) fn run(args: &Args) -> Outcome {
    let chains = args.sources.chains().map_err(Failure::usage)?;
    let models = args.sources.models().map_err(Failure::usage)?;
    let plan = named::chain(&chains, &args.name).map_err(Failure::usage)?;
    let expected = Expectation::new(&plan, &models).map_err(Failure::usage)?;
    output::print(&match args.format {
        Format::Text => text(&expected),
        Format::Mermaid => mermaid::graph(&expected),
    })?;
    Ok(Exit::Passed)
}

/// Describes a step and its duration, for a small box.
pub(super) fn works(step: &Step, took: Option<Duration>) -> String {
    let model = step.model().map_or_else(String::new, |model| format!(" {model}"));
    format!("{}{model}, {}", step.kind().as_str(), time_or_unknown(took))
}

fn text(expected: &Expectation<'_>) -> String {
    let plan = expected.plan;
    let about = plan.about().map_or_else(String::new, |about| format!(": {}", in_one_line(about)));
    // Writing to a string cannot fail, here and below.
    let mut text = format!("{}{about}\n\n{}\n", plan.name(), steps(expected).text());
    let (sum, path) = (expected.sum(), expected.critical_path());
    let _ = writeln!(text, "  sum of steps   {}", units::duration(sum));
    let _ =
        writeln!(text, "  critical path  {}   {}", units::duration(path.duration), path.steps.join(" → "));
    let _ = writeln!(text, "  ideal speedup  {}", units::ratio(speedup(sum, path.duration)));
    let widths = expected.widths();
    if let Some(last) = widths.last() {
        let _ = writeln!(text, "  best width     {}   more steps at once gain nothing", last.at_once);
    }
    let unknown: Vec<&str> =
        expected.steps().filter(|(_, took)| took.is_none()).map(|(step, _)| &**step.name()).collect();
    if !unknown.is_empty() {
        let _ = writeln!(text, "  counted as 0   {}   the chain does not say how long", unknown.join(", "));
    }
    let mut table =
        Table::new([Column::Figures("at once"), Column::Figures("wall"), Column::Figures("speedup")]);
    for width in widths {
        let gain = units::ratio(speedup(sum, width.wall));
        table.row([width.at_once.to_string(), units::duration(width.wall), gain]);
    }
    let _ = write!(text, "\n{}", table.text());
    text
}

fn steps(expected: &Expectation<'_>) -> Table<5> {
    let mut table = Table::new([
        Column::Words("step"),
        Column::Words("kind"),
        Column::Words("model"),
        Column::Figures("expected"),
        Column::Words("needs"),
    ]);
    for (step, took) in expected.steps() {
        table.row([
            step.name().to_string(),
            step.kind().as_str().to_owned(),
            step.model().map(ToString::to_string).unwrap_or_default(),
            time_or_unknown(took),
            step.need_names().join(", "),
        ]);
    }
    table
}

fn time_or_unknown(took: Option<Duration>) -> String {
    took.map_or_else(|| "?".to_owned(), units::duration)
}

#[cfg(test)]
mod tests {
    use weir_chains::Catalog;

    use super::*;

    #[test]
    fn text_has_steps_and_possible_speedup() {
        let source = "
            [chain.search]
            about = 'Three sources, then an answer'
            [chain.search.step.docs]
            tool = { takes = '2s' }
            [chain.search.step.web]
            tool = { takes = '4s' }
            [chain.search.step.cache]
            tool = { takes = '200us' }
            [chain.search.step.answer]
            needs = ['docs', 'web', 'cache']
            llm = { model = 'steady', prompt = 'p', max_tokens = 41 }";
        let chains = Catalog::parse(source, "mine.toml").unwrap();
        let models = weir_model::Catalog::embedded().unwrap();
        let expected = Expectation::new(chains.get("search").unwrap(), &models).unwrap();
        insta::assert_snapshot!(text(&expected), @"
        search: Three sources, then an answer

          step    kind  model   expected  needs
          docs    tool            2.00 s
          web     tool            4.00 s
          cache   tool            200 µs
          answer  llm   steady    1.00 s  docs, web, cache

          sum of steps   7.00 s
          critical path  5.00 s   web → answer
          ideal speedup  1.40 ×
          best width     2   more steps at once gain nothing

          at once    wall  speedup
                1  7.00 s   1.00 ×
                2  5.00 s   1.40 ×
        ");
    }
}
