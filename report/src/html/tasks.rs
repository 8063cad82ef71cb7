//! Tables of tasks and of user classes.

use super::percentiles::time;
use super::view::{Cell, Head, Table};
use weir_results::{Figures, GroundTruth, Histogram, Summary, units};

/// One row per task; `None` for a single task.
pub(super) fn tasks(summary: &Summary) -> Option<Table> {
    let rows = summary.tasks.iter().map(|task| (task.name.as_str(), &task.figures));
    table("Tasks", "task", rows.collect())
}

/// One row per user class; `None` for a single class.
pub(super) fn classes(summary: &Summary) -> Option<Table> {
    let rows = summary.classes.iter().map(|class| (class.name.as_str(), &class.figures));
    table("User classes", "class", rows.collect())
}

/// The client's and the server's figures of the same requests.
type Plan = fn(&GroundTruth) -> Option<(&Histogram, &Histogram)>;

/// The medians of requests whose delays the server planned, with the names of their columns.
const PLANS: [([&str; 2], Plan); 2] = [
    (["e2e measured", "e2e planned"], GroundTruth::total_as_planned),
    (["TTFT measured", "TTFT planned"], GroundTruth::ttft_as_planned),
];

/// Streams have additional columns, if there are any.
fn table(caption: &'static str, name: &'static str, parts: Vec<(&str, &Figures)>) -> Option<Table> {
    if parts.len() < 2 {
        return None;
    }
    let streams = parts.iter().any(|(_, figures)| !figures.ttft.is_empty());
    let mut head = vec![Head::words(name)];
    head.extend(
        ["completed", "failed", "rate limited", "req/s", "p50", "p95", "p99", "max"].map(Head::figures),
    );
    if streams {
        head.extend(["TTFT p50", "TTFT p95", "ITL p50", "tok/s"].map(Head::figures));
    }
    let truth = |figures: &Figures, plan: Plan| figures.ground_truth.as_ref().and_then(plan_medians(plan));
    let plans = PLANS.into_iter().filter(|(_, plan)| parts.iter().any(|(_, of)| truth(of, *plan).is_some()));
    let plans: Vec<_> = plans.collect();
    head.extend(plans.iter().flat_map(|(names, _)| names.map(Head::figures)));
    let rows = parts.into_iter().map(|(name, figures)| {
        let mut cells = row(name, figures);
        if streams {
            cells.extend(streamed(figures));
        }
        for (_, plan) in &plans {
            cells.extend(truth(figures, *plan).unwrap_or_else(|| [Cell::none(), Cell::none()]));
        }
        cells
    });
    Some(Table { caption, note: "e2e of completed requests".into(), head, rows: rows.collect() })
}

/// Returns the medians that the client measured and that the server planned, of the same requests.
fn plan_medians(plan: Plan) -> impl Fn(&GroundTruth) -> Option<[Cell; 2]> {
    move |truth| {
        let (measured, planned) = plan(truth)?;
        Some([measured, planned].map(|histogram| time(histogram.quantile(0.5))))
    }
}

fn row(name: &str, figures: &Figures) -> Vec<Cell> {
    let failed = Cell { class: if figures.failed > 0 { "bad" } else { "" }, ..Cell::count(figures.failed) };
    let mut cells =
        vec![Cell::words(name), Cell::count(figures.completed), failed, Cell::count(figures.rate_limited)];
    cells.push(Cell::figure(figures.rps, units::figure(figures.rps)));
    cells.extend([0.5, 0.95, 0.99].map(|q| time(figures.e2e.quantile(q))));
    cells.push(time(figures.e2e.max()));
    cells
}

fn streamed(figures: &Figures) -> [Cell; 4] {
    let at = |histogram: &Histogram, q| time(histogram.quantile(q));
    let tokens = match figures.output_tokens {
        0 => Cell::none(),
        _ => Cell::figure(figures.tokens_per_second, units::figure(figures.tokens_per_second)),
    };
    [at(&figures.ttft, 0.5), at(&figures.ttft, 0.95), at(&figures.itl, 0.5), tokens]
}

#[cfg(test)]
mod tests {
    use super::*;
    use weir_results::fixture;

    #[test]
    fn tasks_with_plans_have_both_medians_of_the_same_requests() {
        let mut summary = fixture::mix();
        let mut truth = GroundTruth::default();
        truth.measured_total.record(std::time::Duration::from_millis(120));
        truth.planned_total.record(std::time::Duration::from_millis(100));
        for task in &mut summary.tasks {
            task.figures.ground_truth = None;
        }
        let columns = tasks(&summary).unwrap().head.len();
        summary.tasks[0].figures.ground_truth = Some(truth);
        let table = tasks(&summary).unwrap();
        assert_eq!(table.head.len(), columns + 2);
        let planned = |row: usize| table.rows[row][columns..].iter().map(|cell| cell.text.clone());
        assert_eq!(planned(0).collect::<Vec<_>>(), ["120 ms", "100 ms"]);
        assert_eq!(planned(1).collect::<Vec<_>>(), ["n/a", "n/a"]);
        assert!(table.rows.iter().all(|row| row.len() == table.head.len()));
    }
}
