//! `weir load --search`: searches for the highest load.

use std::io::IsTerminal as _;

use weir_loadgen::{Control, RunOptions, Scenario, SearchOptions, SearchProgress, run_search};
use weir_results::{SearchOver, Summary, units};

use crate::{
    exit::{Exit, Failure, Outcome},
    output::{Folder, new_report},
};

/// Runs the search and writes its report.
pub(crate) fn run(
    scenario: &Scenario,
    search: &SearchOptions,
    options: &RunOptions,
    control: &Control,
    folder: &Folder,
) -> Outcome {
    let holds = |summary: &Summary| summary.thresholds.iter().all(weir_results::ThresholdResult::passed);
    let report_of = |found| new_report(super::title(scenario)).with_search("search", scenario.about(), found);
    let mut partial = folder.partial();
    let on_progress = |progress: SearchProgress<'_>| {
        print_progress(search.over, &progress);
        if let SearchProgress::Second(so_far) = progress {
            partial.save(|| report_of(so_far.summary()));
        }
    };
    let found =
        run_search(scenario, search, options, control, holds, on_progress).map_err(|error| match error {
            weir_loadgen::SearchError::Run(error) => Failure::from(error),
            error @ weir_loadgen::SearchError::Options(_) => Failure::usage(error),
        })?;
    let exit = Exit::from(found.verdict());
    folder.deliver(&report_of(found), exit)
}

/// Shows progress: a line per probe, and a changing line on a terminal.
fn print_progress(over: SearchOver, progress: &SearchProgress<'_>) {
    let is_terminal = std::io::stderr().is_terminal();
    match progress {
        SearchProgress::Begins { number, level } => {
            progress_line!("probe {number}: {}", over.level_text(*level));
        }
        SearchProgress::Second(so_far) if is_terminal => {
            let second = so_far.second();
            progress_text!("\r  {} s, {} req/s ", second.at_s + 1, second.completed);
        }
        SearchProgress::Second(_) => {}
        SearchProgress::Ended(probe) => {
            let line_start = if is_terminal { "\r" } else { "" };
            let p95 = probe.latency_p95_ms.map_or_else(String::new, |ms| format!(", p95 {}", units::ms(ms)));
            progress_line!("{line_start}  {}: {} req/s{p95}", probe.outcome, units::figure(probe.rps));
        }
    }
}
