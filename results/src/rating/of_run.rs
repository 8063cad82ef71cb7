//! Recommendations for a whole run.

use super::recommendation::{Recommendation, Severity};
use crate::histogram::samples_needed;
use crate::summary::{GENERATOR_FAILURE, Summary, Validity};
use crate::units::{count, duration, figure, percent};

/// The smallest share of rate-limited or cut requests that is mentioned.
const NOTABLE_SHARE_MIN: f64 = 0.01;

/// Each rule returns a recommendation if it applies.
const RULES: [fn(&Summary) -> Option<Recommendation>; 5] =
    [generator, shed_arrivals, rate_limited, unfinished, few_samples];

pub(super) fn recommendations(summary: &Summary) -> Vec<Recommendation> {
    RULES.iter().filter_map(|rule| rule(summary)).collect()
}

fn generator(summary: &Summary) -> Option<Recommendation> {
    let Validity::Invalid { reasons } = &summary.generator.validity else { return None };
    let what = if summary.all.failures.contains_key(GENERATOR_FAILURE) {
        "give the generator more file descriptors (`ulimit -n`) and ports, or reduce the load"
    } else if summary.generator.shares_cores_with_target {
        "run the generator on a separate machine, or reduce the load"
    } else {
        "give the generator more cores, or reduce the load"
    };
    let text = format!("{what}: it was the bottleneck ({})", reasons.join("; "));
    Some(Recommendation::new(Severity::Untrustworthy, 1.0, text))
}

fn shed_arrivals(summary: &Summary) -> Option<Recommendation> {
    let arrivals = summary.generator.arrivals.filter(|arrivals| arrivals.shed > 0)?;
    let share = arrivals.shed as f64 / arrivals.planned.max(1) as f64;
    let text = format!(
        "the target cannot sustain this rate, or `max_in_flight` is too low for it: {} of {} arrivals were \
         never started ({})",
        count(arrivals.shed),
        count(arrivals.planned),
        percent(share),
    );
    Some(Recommendation::new(Severity::Failing, share, text))
}

fn rate_limited(summary: &Summary) -> Option<Recommendation> {
    let all = &summary.all;
    let share = all.rate_limited as f64 / all.ended().max(1) as f64;
    let text = format!(
        "a rate limit restricts this load: {} of {} requests were rate limited ({}), and {} req/s completed",
        count(all.rate_limited),
        count(all.ended()),
        percent(share),
        figure(all.rps),
    );
    (share >= NOTABLE_SHARE_MIN).then(|| Recommendation::new(Severity::Hint, share, text))
}

fn unfinished(summary: &Summary) -> Option<Recommendation> {
    let cut = summary.window.unfinished;
    let share = cut as f64 / (cut + summary.all.ended()).max(1) as f64;
    let slowest =
        summary.all.e2e.max().map_or_else(String::new, |max| {
            format!("; the slowest completed request took {}", duration(max))
        });
    let text = format!(
        "give the last requests more time (`grace`): {} of {} were cut at the end of the run{slowest}",
        count(cut),
        count(cut + summary.all.ended()),
    );
    (share >= NOTABLE_SHARE_MIN).then(|| Recommendation::new(Severity::Hint, share, text))
}

fn few_samples(summary: &Summary) -> Option<Recommendation> {
    let completed = summary.all.completed;
    let needed = samples_needed(0.99);
    let text = format!("run longer: {} requests completed, and p99 needs {needed}", count(completed));
    (1..needed).contains(&completed).then(|| Recommendation::new(Severity::Hint, 0.0, text))
}
