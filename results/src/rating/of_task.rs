//! What the figures of a task suggest.

use std::time::Duration;

use super::recommendation::{Gravity, Recommendation};
use crate::summary::{Figures, TaskFigures};
use crate::units::{count, duration, figure, percent};

/// An endpoint is worth a look from this p95 on; the reference systems' own bound.
const SLOW: Duration = Duration::from_secs(1);

/// And from this share of failures on, likewise.
const FAILING: f64 = 0.05;

/// From this share of the server's time on, waiting for a turn is what to look at.
const QUEUED: f64 = 0.25;

/// Shorter waits than this are not worth a word, whatever their share.
const QUEUED_MIN: Duration = Duration::from_millis(10);

/// A p99 so many times the median is a tail of its own.
const TAIL: f64 = 10.0;

/// And from this p99 on somebody feels it.
const TAIL_MIN: Duration = Duration::from_millis(100);

/// Slower streams than this, 10 tokens/s, fall behind those who read along (about 250 words a minute, with room).
const TPOT_READABLE: Duration = Duration::from_millis(100);

/// From this share of events on that come with the one before, something holds the stream up.
const COALESCED: f64 = 0.2;

/// Fewer samples than these prove no shape.
const SAMPLES_MIN: u64 = 100;

/// Each rule says something, or nothing.
const RULES: [fn(&TaskFigures) -> Option<Recommendation>; 6] =
    [failing, slow, queued, long_tail, slow_stream, coalesced];

pub(super) fn recommendations(task: &TaskFigures) -> Vec<Recommendation> {
    RULES.iter().filter_map(|rule| rule(task)).collect()
}

fn failing(task: &TaskFigures) -> Option<Recommendation> {
    let figures = &task.figures;
    let share = figures.failed as f64 / figures.ended().max(1) as f64;
    if share <= FAILING {
        return None;
    }
    let (kind, most) = figures.failures.iter().max_by_key(|(_, failure)| failure.count)?;
    let advice = match kind.as_str() {
        "http_429" => "lower the load on `NAME` or raise its limit, or expect it (`expect_429 = true`)",
        "connect" | "reset" | "timeout_connect" => {
            "see whether the target takes so many connections for `NAME`"
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
    Some(Recommendation::new(Gravity::Failing, share, text))
}

/// What is slow by its own plan is as fast as it can be.
fn slow(task: &TaskFigures) -> Option<Recommendation> {
    let figures = &task.figures;
    if is_planned(figures) {
        return None;
    }
    // Who reads a stream waits for its beginning.
    let is_stream = !figures.ttft.is_empty() && figures.ttft.count() == figures.e2e.count();
    let waited_for = if is_stream { &figures.ttft } else { &figures.e2e };
    let p95 = waited_for.quantile(0.95).filter(|p95| *p95 > SLOW)?;
    let text = if is_stream {
        let (first, whole) = (figures.ttft.quantile(0.5)?, figures.e2e.quantile(0.5)?);
        let share = first.as_secs_f64() / whole.as_secs_f64().max(f64::MIN_POSITIVE);
        format!(
            "bring the first token of `{}` forward: TTFT p95 {}, and in the median {} of an answer's {} ({})",
            task.name,
            duration(p95),
            duration(first),
            duration(whole),
            percent(share),
        )
    } else {
        format!("make `{}` faster: p95 {}", task.name, duration(p95))
    };
    Some(Recommendation::new(Gravity::Slow, p95.as_secs_f64(), text))
}

/// Whether a simulated server told of each answer how long it was meant to take.
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
        "raise what the server does at once for `{}`: {} of the {} that an answer took were spent in its queue ({}, by \
         its own account, on average)",
        task.name,
        duration(queue),
        duration(total),
        percent(share),
    );
    let is_worth_it = share >= QUEUED && queue >= QUEUED_MIN;
    is_worth_it.then(|| Recommendation::new(Gravity::Slow, queue.as_secs_f64(), text))
}

fn long_tail(task: &TaskFigures) -> Option<Recommendation> {
    let e2e = &task.figures.e2e;
    let (median, p99) = (e2e.quantile(0.5)?, e2e.quantile(0.99)?);
    let times = p99.as_secs_f64() / median.as_secs_f64().max(f64::MIN_POSITIVE);
    let text = format!(
        "see what a few requests of `{}` wait for: p99 {} is {} times the median of {}",
        task.name,
        duration(p99),
        figure(times),
        duration(median),
    );
    (times >= TAIL && p99 >= TAIL_MIN).then(|| Recommendation::new(Gravity::Slow, p99.as_secs_f64(), text))
}

fn slow_stream(task: &TaskFigures) -> Option<Recommendation> {
    let tpot = task.figures.tpot.quantile(0.5);
    let tpot = tpot.filter(|tpot| *tpot > TPOT_READABLE && !is_planned(&task.figures))?;
    let text = format!(
        "`{}` streams slower than people read: {} tokens/s in the median stream (TPOT {})",
        task.name,
        figure(1.0 / tpot.as_secs_f64()),
        duration(tpot),
    );
    Some(Recommendation::new(Gravity::Slow, tpot.as_secs_f64(), text))
}

fn coalesced(task: &TaskFigures) -> Option<Recommendation> {
    let figures = &task.figures;
    let share = figures.coalesced as f64 / figures.events.max(1) as f64;
    let text = format!(
        "see whether a proxy or the server holds the stream of `{}` back: {} of {} events came together with the one \
         before ({}), which ITL cannot tell apart",
        task.name,
        count(figures.coalesced),
        count(figures.events),
        percent(share),
    );
    let is_worth_it = share >= COALESCED && figures.events >= SAMPLES_MIN;
    is_worth_it.then(|| Recommendation::new(Gravity::Hint, share, text))
}
