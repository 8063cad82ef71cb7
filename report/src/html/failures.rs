//! Tables of failures.

use std::collections::BTreeMap;

use super::view::{Cell, Head, Table};
use weir_results::{FailureCount, Summary, units};

/// The failures of each task by kind, with their times; `None` if there were none.
pub(super) fn of_tasks(summary: &Summary) -> Option<Table> {
    let head = vec![
        Head::words("task"),
        Head::words("kind"),
        Head::figures("count"),
        Head::figures("first at"),
        Head::figures("last at"),
        Head::words("first message"),
    ];
    let of_each =
        summary.tasks.iter().flat_map(|task| task.figures.failures.iter().map(move |of| (task, of)));
    let rows = of_each.map(|(task, (kind, failure))| {
        let at = |since_s: f64| Cell::figure(since_s, units::seconds(since_s));
        vec![
            Cell::words(&task.name),
            Cell::words(kind),
            Cell::count(failure.count),
            at(failure.first_s),
            at(failure.last_s),
            Cell::words(&failure.example),
        ]
    });
    table("of the measured window; seconds since the run began", head, rows.collect())
}

/// Failures by kind; `None` if there were none.
pub(super) fn by_kind(failures: &BTreeMap<String, FailureCount>) -> Option<Table> {
    let head = vec![Head::words("kind"), Head::figures("count"), Head::words("first message")];
    let rows = failures.iter().map(|(kind, failure)| {
        vec![Cell::words(kind), Cell::count(failure.count), Cell::words(&failure.example)]
    });
    table("", head, rows.collect())
}

fn table(note: &str, head: Vec<Head>, rows: Vec<Vec<Cell>>) -> Option<Table> {
    (!rows.is_empty()).then(|| Table { caption: "Failures", note: note.to_owned(), head, rows })
}
