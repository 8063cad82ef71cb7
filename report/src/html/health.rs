//! The table of the generator's own measurements.

use super::view::{Cell, Head, Table};
use weir_results::{Generator, Summary, Validity, units};

pub(super) fn health(summary: &Summary) -> Table {
    let generator = &summary.generator;
    let mut rows = vec![verdict(generator)];
    let mut row = |name: &str, value: Cell, meaning: &str| {
        rows.push(vec![Cell::words(name), value, Cell::words(meaning)]);
    };
    row("workers", Cell::count(generator.workers), "threads that made the load");
    if let Some(busy) = generator.cpu_share {
        row("cores kept busy", Cell::figure(busy, units::figure(busy)), "by all workers, on average");
    }
    let unfinished = summary.window.unfinished;
    row(
        "unfinished",
        Cell::count(unfinished),
        "requests that were cut at the end of the grace after the run",
    );
    if let Some(arrivals) = &generator.arrivals {
        row("arrivals planned", Cell::count(arrivals.planned), "by the schedule");
        row("started", Cell::count(arrivals.started), "of these");
        row("late", Cell::count(arrivals.late), "started more than 1 ms after their instant");
        row("queued", Cell::count(arrivals.queued), "had to wait: as many as allowed were in flight");
        row("shed", Cell::count(arrivals.shed), "never started: the queue was full, or the run over");
        row("longest queue", Cell::count(arrivals.queue_max), "of any worker");
    }
    let head = vec![Head::words("figure"), Head::figures("value"), Head::words("meaning")];
    let note = "its lateness and the lag of its event loop are part of the latencies".into();
    Table { caption: "Load generator", note, head, rows }
}

fn verdict(generator: &Generator) -> Vec<Cell> {
    let (word, class, meaning) = match &generator.validity {
        Validity::Valid => ("valid", "", "it kept its schedule: the figures are the target's".to_owned()),
        Validity::Invalid { reasons } => ("INVALID", "bad", reasons.join("; ")),
    };
    vec![Cell::words("verdict"), Cell { class, ..Cell::label(word) }, Cell::words(meaning)]
}
