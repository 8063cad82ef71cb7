//! Recommendations for a task.

use std::time::Duration;

use super::recommendation::{Recommendation, Severity};
use crate::summary::{Figures, TaskFigures};
use crate::units::{count, duration, figure, percent};

/// From this p95 on, a task is slow; the bound is that of the reference systems.
const SLOW_P95_MIN: Duration = Duration::from_secs(1);

/// From this share of failures on, a task is failing.
const FAILED_SHARE_MIN: f64 = 0.05;

/// From this share of the server's time on, queueing is a problem.
const QUEUE_SHARE_MIN: f64 = 0.25;

/// Shorter queue times are not mentioned, whatever their share.
const QUEUE_TIME_MIN: Duration = Duration::from_millis(10);

/// From this ratio of p99 to median on, the distribution has a long tail.
const TAIL_RATIO_MIN: f64 = 10.0;

/// From this p99 on, users notice a long tail.
const TAIL_P99_MIN: Duration = Duration::from_millis(100);

/// A stream with a longer TPOT (fewer than 10 tokens/s) is slower than a reader (about 250 words a minute, with room).
const TPOT_READABLE_MAX: Duration = Duration::from_millis(100);

/// From this share of events that arrive with the previous one, something buffers the stream.
const COALESCED_SHARE_MIN: f64 = 0.2;

/// The minimum number of samples for statements about a distribution.
const SAMPLES_MIN: u64 = 100;

/// Each rule returns a recommendation if it applies.
const RULES: [fn(&TaskFigures) -> Option<Recommendation>; 6] =
    [failing, slow, queued, long_tail, slow_stream, coalesced];

pub(super) fn recommendations(task: &TaskFigures) -> Vec<Recommendation> {
    RULES.iter().filter_map(|rule| rule(task)).collect()
}

fn failing(task: &TaskFigures) -> Option<Recommendation> {
    let figures = &task.figures;
    let share = figures.failed as f64 / figures.ended().max(1) as f64;
    if share <= FAILED_SHARE_MIN {
        return None;
    }
    let (kind, most) = figures.failures.iter().max_by_key(|(_, failure)| failure.count)?;
    let advice = match kind.as_str() {
        "http_429" => "lower the load on `NAME` or raise its limit, or expect it (`expect_429 = true`)",
        "connect" | "reset" | "timeout_connect" => {
            "check whether the target accepts this many connections for `NAME`"
        }
        kind if kind.starts_with("timeout") => {
            "find out what `NAME` waits for, or give it more time (`[timeouts]`)"
        }
        _ => "find out why `NAME` fails",
    };
    let text = format!(
        "{}: {} of {} requests failed ({}), {} of them with {kind}",
        advice.replace("NAME", &task.name),
        count(figures.failed),
        count(figures.ended()),
        percent(share),
        count(most.count),
    );
    Some(Recommendation::new(Severity::Failing, share, text))
}

/// A task whose latency is planned by a simulated server is not slow.
fn slow(task: &TaskFigures) -> Option<Recommendation> {
    let figures = &task.figures;
    if is_planned(figures) {
        return None;
    }
    // The reader of a stream waits for its beginning.
    let is_stream = !figures.ttft.is_empty() && figures.ttft.count() == figures.e2e.count();
    let waited_for = if is_stream { &figures.ttft } else { &figures.e2e };
    let p95 = waited_for.quantile(0.95).filter(|p95| *p95 > SLOW_P95_MIN)?;
    let text = if is_stream {
        let (first, whole) = (figures.ttft.quantile(0.5)?, figures.e2e.quantile(0.5)?);
        let share = first.as_secs_f64() / whole.as_secs_f64().max(f64::MIN_POSITIVE);
        format!(
            "reduce the TTFT of `{}`: TTFT p95 {}, and in the median {} of a response's {} ({})",
            task.name,
            duration(p95),
            duration(first),
            duration(whole),
            percent(share),
        )
    } else {
        format!("make `{}` faster: p95 {}", task.name, duration(p95))
    };
    Some(Recommendation::new(Severity::Slow, p95.as_secs_f64(), text))
}

/// Whether a simulated server reported the planned duration of each response.
fn is_planned(figures: &Figures) -> bool {
    let truth = figures.ground_truth.as_ref();
    truth.is_some_and(|truth| {
        !truth.planned_total.is_empty() && truth.planned_total.count() == figures.completed
    })
}

fn queued(task: &TaskFigures) -> Option<Recommendation> {
    let truth = task.figures.ground_truth.as_ref()?;
    let (queue, total) = (truth.queue.mean()?, truth.delivered_total.mean()?);
    let share = queue.as_secs_f64() / total.as_secs_f64().max(f64::MIN_POSITIVE);
    let text = format!(
        "raise the server's concurrency for `{}`: {} of the {} that a response took were spent in its queue ({}, \
         on average, by the server's report)",
        task.name,
        duration(queue),
        duration(total),
        percent(share),
    );
    let is_notable = share >= QUEUE_SHARE_MIN && queue >= QUEUE_TIME_MIN;
    is_notable.then(|| Recommendation::new(Severity::Slow, queue.as_secs_f64(), text))
}

fn long_tail(task: &TaskFigures) -> Option<Recommendation> {
    let e2e = &task.figures.e2e;
    let (median, p99) = (e2e.quantile(0.5)?, e2e.quantile(0.99)?);
    let times = p99.as_secs_f64() / median.as_secs_f64().max(f64::MIN_POSITIVE);
    let text = format!(
        "find out what a few requests of `{}` wait for: p99 {} is {} times the median of {}",
        task.name,
        duration(p99),
        figure(times),
        duration(median),
    );
    (times >= TAIL_RATIO_MIN && p99 >= TAIL_P99_MIN)
        .then(|| Recommendation::new(Severity::Slow, p99.as_secs_f64(), text))
}

fn slow_stream(task: &TaskFigures) -> Option<Recommendation> {
    let tpot = task.figures.tpot.quantile(0.5);
    let tpot = tpot.filter(|tpot| *tpot > TPOT_READABLE_MAX && !is_planned(&task.figures))?;
    let text = format!(
        "`{}` streams slower than people read: {} tokens/s in the median stream (TPOT {})",
        task.name,
        figure(1.0 / tpot.as_secs_f64()),
        duration(tpot),
    );
    Some(Recommendation::new(Severity::Slow, tpot.as_secs_f64(), text))
}

fn coalesced(task: &TaskFigures) -> Option<Recommendation> {
    let figures = &task.figures;
    let share = figures.coalesced as f64 / figures.events.max(1) as f64;
    let text = format!(
        "check whether a proxy or the server buffers the stream of `{}`: {} of {} events arrived together with the one \
         before ({}), which ITL cannot tell apart",
        task.name,
        count(figures.coalesced),
        count(figures.events),
        percent(share),
    );
    let is_notable = share >= COALESCED_SHARE_MIN && figures.events >= SAMPLES_MIN;
    is_notable.then(|| Recommendation::new(Severity::Hint, share, text))
}
