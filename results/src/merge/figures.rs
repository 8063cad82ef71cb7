//! Merges the figures of several runs.

use std::collections::BTreeMap;

use crate::summary::{FAILURE_KINDS_MAX, FailureCount, Figures, Goodput, OTHER_FAILURES, TokenSource};

use super::placement::Placement;

/// Adds fields, grouped by how they are merged. Without `..`: a field that is added to `Figures` has to be merged here, too.
macro_rules! add_fields {
    ($sum:ident += $part:ident, by $placement:ident; counts: $($count:ident)*; rates: $($rate:ident)*;
     histograms: $($histogram:ident)*; failures: $($failures:ident)*; others: $($other:ident)*) => {
        let Figures { $($count,)* $($rate,)* $($histogram,)* $($failures,)* $($other,)* } = $part;
        // Counts of tokens come from servers and may be any number.
        $($sum.$count = $sum.$count.saturating_add(*$count);)*
        $($sum.$rate += $rate * $placement.weight;)*
        $($sum.$histogram.merge($histogram);)*
        $(add_failures(&mut $sum.$failures, $failures, $placement.offset_s as f64);)*
    };
}

/// Adds the figures of one run to those of others.
pub(super) fn add(sum: &mut Figures, part: &Figures, placement: Placement) {
    add_fields! {
        sum += part, by placement;
        counts: completed failed rate_limited input_tokens cached_tokens output_tokens events coalesced
            usage_events usage_tokens empty unmarked bodies_cut odd_usage resends retried retries turns
            turn_requests turns_cut tool_calls unknown_tools bytes_sent bytes_received;
        rates: rps failures_per_second tokens_per_second;
        histograms: e2e response_time ttfb ttft ttft_scheduled ttfo itl itl_per_token tpot turn_time
            rate_limited_e2e;
        failures: failures failed_attempts;
        others: token_source cost_usd ground_truth goodput
    }
    sum.token_source = combined_source(sum.token_source, *token_source);
    sum.cost_usd = combined_cost(sum.cost_usd, *cost_usd);
    if let Some(ground_truth) = ground_truth {
        sum.ground_truth.get_or_insert_default().merge(ground_truth);
    }
    add_goodput(sum, goodput, placement.weight);
}

fn combined_cost(one: Option<f64>, other: Option<f64>) -> Option<f64> {
    match (one, other) {
        (None, cost) | (cost, None) => cost,
        (Some(one), Some(other)) => Some(one + other),
    }
}

/// Adds up the requests that met their limits. The shares are computed again.
fn add_goodput(sum: &mut Figures, parts: &[Goodput], weight: f64) {
    for part in parts {
        let per_second = part.per_second * weight;
        match sum.goodput.iter_mut().find(|known| known.limits == part.limits) {
            Some(known) => {
                known.good += part.good;
                known.per_second += per_second;
            }
            None => sum.goodput.push(Goodput { per_second, ..part.clone() }),
        }
    }
    let goodput = std::mem::take(&mut sum.goodput);
    let with_share = |good: Goodput| Goodput { share: sum.share(good.good).unwrap_or_default(), ..good };
    sum.goodput = goodput.into_iter().map(with_share).collect();
}

/// Kinds beyond the limit of one run are counted as [`OTHER_FAILURES`].
pub(super) fn add_failures(
    sum: &mut BTreeMap<String, FailureCount>,
    parts: &BTreeMap<String, FailureCount>,
    offset_s: f64,
) {
    for (kind, failure) in parts {
        let is_known = sum.contains_key(kind) || sum.len() < FAILURE_KINDS_MAX - 1;
        let kind = if is_known { kind } else { OTHER_FAILURES };
        let (first_s, last_s) = (failure.first_s + offset_s, failure.last_s + offset_s);
        let known = sum.entry(kind.to_owned()).or_insert_with(|| FailureCount {
            count: 0,
            first_s,
            last_s,
            ..failure.clone()
        });
        known.count += failure.count;
        known.last_s = known.last_s.max(last_s);
        if first_s < known.first_s {
            known.first_s = first_s;
            known.example.clone_from(&failure.example);
        }
    }
}

fn combined_source(one: TokenSource, other: TokenSource) -> TokenSource {
    match (one, other) {
        (TokenSource::None, source) | (source, TokenSource::None) => source,
        (one, other) if one == other => one,
        _ => TokenSource::Mixed,
    }
}
