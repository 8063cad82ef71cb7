//! What the answers of streaming tasks lacked.

use crate::record::Series;
use crate::scenario::{Scenario, TaskSpec};
use crate::task::read::EventReader;
use weir_results::{Scope, Summary, Threshold, ThresholdResult, units};

/// Returns the notes on streams that were timed in one piece, and on streams that never had content.
pub(super) fn notes(scenario: &Scenario, measured: &[Series]) -> Vec<String> {
    let tasks = scenario.task_names().into_iter().zip(scenario.tasks()).zip(measured);
    let note = |((name, (_, task)), series): ((String, (_, &TaskSpec)), &Series)| {
        if series.unread_streams > 0 {
            return Some(format!(
                "{name}: {} answers were event streams, which were timed in one piece; to measure the time to first \
                 token, add to the request  events = \"any\"",
                units::count(series.unread_streams)
            ));
        }
        let reader = task.blueprint.reading.events().filter(|_| series.is_without_content())?;
        Some(format!("{name}: {}", without_content(reader, series.all_events)))
    };
    tasks.filter_map(note).collect()
}

/// Describes streams that had events, none with content.
fn without_content(reader: &dyn EventReader, events: u64) -> String {
    if events == 0 {
        return "its streams had no events".to_owned();
    }
    let why = reader.without_content();
    let why = why.unwrap_or_else(|| "none had content, reasoning or a tool call".to_owned());
    format!("{} events, {why}", units::count(events))
}

/// Returns a threshold that failed for each streaming task whose answers never had content.
pub(super) fn failed(scenario: &Scenario, measured: &[Series], summary: &Summary) -> Vec<ThresholdResult> {
    let tasks = scenario.task_names().into_iter().zip(scenario.tasks()).zip(measured);
    let are_empty = |task: &TaskSpec, series: &Series| {
        task.blueprint.reading.events().is_some() && series.is_without_content()
    };
    let names = tasks.filter(|((_, (_, task)), series)| are_empty(task, series)).map(|((name, _), _)| name);
    let thresholds =
        names.filter_map(|name| Threshold::parse(&format!("{}empty < 100%", Scope::Task(name))).ok());
    thresholds.map(|threshold| threshold.judge(summary)).collect()
}
