//! Builds a view from a summary.

use std::time::Duration;

use weir_report::load_in_words;
use weir_results::{
    Figures, Generator, Histogram, LoadKind, Second, Summary, TaskFigures, ThresholdResult, Validity, visible,
};

use super::{FailureRow, Health, History, LoopKind, Now, Row, RunStage, ThresholdRow, View};

/// Current rates are means over this number of seconds, because single seconds fluctuate.
const NOW_S: usize = 5;

/// Maximum number of failures in the view, the latest ones.
const FAILURES_SHOWN: usize = 200;

impl View {
    /// Returns the view of a run so far.
    pub(crate) fn of(summary: &Summary) -> Self {
        let Summary { all, tasks, classes, timeline, window, load, .. } = summary;
        let elapsed_s = timeline.last().map_or(0, |second| second.at_s + 1);
        Self {
            scenario: shown(&summary.scenario),
            target: shown(&summary.target),
            started: summary.started.clone(),
            kind: load.kind.into(),
            load: load_in_words(load),
            stage: stage(summary, elapsed_s as f64),
            elapsed_s,
            run_time_s: load.run_time_s,
            requests: load.requests,
            now: now(timeline, window.unfinished),
            all: row("all", "", all),
            tasks: tasks.iter().map(|task| row(&task.name, &task.method, &task.figures)).collect(),
            classes: classes.iter().map(|class| row(&class.name, "", &class.figures)).collect(),
            thresholds: summary.thresholds.iter().map(threshold).collect(),
            failures: failures(tasks),
            generator: health(&summary.generator),
            notes: summary.notes.iter().map(|note| shown(note)).collect(),
            history: History::of(summary),
        }
    }
}

impl From<LoadKind> for LoopKind {
    fn from(kind: LoadKind) -> Self {
        match kind {
            LoadKind::Closed => Self::Users,
            LoadKind::Open => Self::Arrivals,
        }
    }
}

fn stage(summary: &Summary, elapsed_s: f64) -> RunStage {
    if summary.window.ended.is_some() {
        return RunStage::Ended;
    }
    if elapsed_s < summary.window.warm_up_s {
        RunStage::WarmUp
    } else if summary.load.run_time_s.is_some_and(|run_time_s| elapsed_s >= run_time_s) {
        RunStage::Draining
    } else {
        RunStage::Running
    }
}

fn now(timeline: &[Second], unfinished: u64) -> Now {
    let latest = timeline.get(timeline.len().saturating_sub(NOW_S)..).unwrap_or_default();
    let over_s = latest.len() as u64;
    let sum = |seconds: &[Second], figure: fn(&Second) -> u64| -> u64 { seconds.iter().map(figure).sum() };
    let per_s = |count: u64| if over_s == 0 { 0.0 } else { count as f64 / over_s as f64 };
    let ended_latest = sum(latest, Second::ended);
    let failed = sum(latest, |second| second.failed);
    let started = sum(timeline, |second| second.started);
    Now {
        users: timeline.last().map_or(0, |second| second.users),
        in_flight: started.saturating_sub(sum(timeline, Second::ended) + unfinished),
        over_s,
        requests_per_s: per_s(sum(latest, |second| second.completed)),
        tokens_per_s: per_s(sum(latest, |second| second.tokens)),
        error_share: (ended_latest > 0).then(|| failed as f64 / ended_latest as f64),
    }
}

fn row(name: &str, method: &str, figures: &Figures) -> Row {
    let Figures { e2e, ttft, itl, .. } = figures;
    Row {
        name: shown(name),
        method: shown(method),
        completed: figures.completed,
        failed: figures.failed,
        rate_limited: figures.rate_limited,
        requests_per_s: figures.rps,
        tokens_per_s: figures.tokens_per_second,
        e2e_p50_ms: ms(e2e, 0.5),
        e2e_p95_ms: ms(e2e, 0.95),
        e2e_p99_ms: ms(e2e, 0.99),
        ttft_p50_ms: ms(ttft, 0.5),
        ttft_p95_ms: ms(ttft, 0.95),
        itl_p50_ms: ms(itl, 0.5),
    }
}

fn threshold(result: &ThresholdResult) -> ThresholdRow {
    ThresholdRow { text: shown(&result.text), measured: shown(&result.measured), passed: result.passed() }
}

/// Returns failures, the latest first.
fn failures(tasks: &[TaskFigures]) -> Vec<FailureRow> {
    let of_task = |task: &TaskFigures| {
        let name = shown(&task.name);
        let rows = task.figures.failures.iter().map(move |(kind, failure)| FailureRow {
            task: name.clone(),
            kind: shown(kind),
            count: failure.count,
            first_s: failure.first_s,
            last_s: failure.last_s,
            example: shown(&failure.example),
        });
        rows.collect::<Vec<_>>()
    };
    let mut rows: Vec<FailureRow> = tasks.iter().flat_map(of_task).collect();
    rows.sort_by(|one, other| other.last_s.total_cmp(&one.last_s));
    rows.truncate(FAILURES_SHOWN);
    rows
}

fn health(generator: &Generator) -> Health {
    let arrivals = generator.arrivals.unwrap_or_default();
    Health {
        workers: generator.workers,
        lateness_p99_ms: ms(&generator.lateness, 0.99),
        loop_lag_p99_ms: ms(&generator.loop_lag, 0.99),
        cpu_cores: generator.cpu_share,
        shares_cores_with_target: generator.shares_cores_with_target,
        late: arrivals.late,
        shed: arrivals.shed,
        invalid: match &generator.validity {
            Validity::Valid => Vec::new(),
            Validity::Invalid { reasons } => reasons.iter().map(|reason| shown(reason)).collect(),
        },
    }
}

/// A text that is safe to show.
fn shown(text: &str) -> String {
    visible(text).into_owned()
}

/// Returns a quantile, rounded to microseconds.
fn ms(histogram: &Histogram, q: f64) -> Option<f64> {
    let rounded = |value: Duration| (value.as_secs_f64() * 1e6).round() / 1e3;
    histogram.quantile(q).map(rounded)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::live::view::testing;

    #[test]
    fn view_of_running_summary_has_latest_seconds_and_figures() {
        let view = View::of(&testing::summary());
        assert_eq!((view.stage, view.kind, view.elapsed_s), (RunStage::Running, LoopKind::Users, 12));
        assert_eq!(view.load, "50 users");
        let Now { users, in_flight, over_s, requests_per_s, tokens_per_s, error_share } = view.now;
        assert_eq!((users, over_s), (50, 5));
        // 12 seconds of 45 started, 40 completed and, from the sixth on, 2 failed.
        assert_eq!(in_flight, 12 * 45 - 12 * 40 - 6 * 2);
        assert_eq!((requests_per_s, tokens_per_s, error_share), (40.0, 2_560.0, Some(2.0 / 42.0)));
        assert_eq!(view.history.at_s.len(), 12);
        assert_eq!(view.history.failed_per_s, [0, 0, 0, 0, 0, 0, 2, 2, 2, 2, 2, 2]);
    }

    #[test]
    fn run_stage_follows_the_window() {
        let mut summary = testing::summary();
        let whole = summary.timeline.clone();
        let mut at = |seconds: usize| {
            summary.timeline = whole[..seconds].to_vec();
            View::of(&summary).stage
        };
        assert_eq!(
            [0, 2, 3, 11].map(&mut at),
            [RunStage::WarmUp, RunStage::WarmUp, RunStage::Running, RunStage::Running]
        );
        summary.load.run_time_s = Some(11.0);
        assert_eq!(View::of(&summary).stage, RunStage::Draining);
        summary.window.ended = Some(weir_results::EndReason::Requests);
        assert_eq!(View::of(&summary).stage, RunStage::Ended);
    }

    #[test]
    fn failures_are_sorted_latest_first() {
        let kinds: Vec<(String, String)> = View::of(&testing::summary())
            .failures
            .into_iter()
            .map(|failure| (failure.task, failure.kind))
            .collect();
        let expected = [("chat stream", "http_503"), ("chat", "timeout_headers"), ("chat stream", "reset")];
        assert_eq!(kinds, expected.map(|(task, kind)| (task.to_owned(), kind.to_owned())));
    }
}
