//! Merges the timelines of several runs.

use std::collections::BTreeMap;

use crate::histogram::{Histogram, PackedHistogram};
use crate::summary::{Phase, Second};

/// Merges the seconds that lie at the same offset. Percentiles of several runs are within 1 %, the resolution of the
/// histograms of seconds.
pub(super) fn overlay<'a>(parts: impl Iterator<Item = (&'a [Second], u64)>) -> Vec<Second> {
    let mut gathered: BTreeMap<u64, Vec<&Second>> = BTreeMap::new();
    for (timeline, offset_s) in parts {
        for second in timeline {
            gathered.entry(second.at_s + offset_s).or_default().push(second);
        }
    }
    gathered.into_iter().filter_map(|(at_s, seconds)| together(at_s, &seconds)).collect()
}

fn together(at_s: u64, seconds: &[&Second]) -> Option<Second> {
    let (first, others) = seconds.split_first()?;
    let mut sum = Second { at_s, ..(*first).clone() };
    if others.is_empty() {
        return Some(sum);
    }
    for second in others {
        if second.phase == Phase::Measured {
            sum.phase = Phase::Measured;
        }
        sum.users += second.users;
        sum.started += second.started;
        sum.completed += second.completed;
        sum.failed += second.failed;
        sum.rate_limited += second.rate_limited;
        sum.tokens += second.tokens;
        sum.bytes_received += second.bytes_received;
    }
    let whole = |of: fn(&Second) -> &PackedHistogram| {
        let mut whole = Histogram::default();
        seconds.iter().for_each(|second| of(second).add_to(&mut whole));
        whole
    };
    let (e2e, ttft, itl) =
        (whole(|second| &second.e2e), whole(|second| &second.ttft), whole(|second| &second.itl));
    Some(sum.with_latencies(&e2e, &ttft, &itl))
}
