//! Figures of several runs as those of one.

use crate::record::{FAILURE_KINDS, FailureKind, merge_figures};
use crate::summary::{FailureCount, Figures, Goodput, TokenSource};

use super::placement::Placement;

/// Adds the figures of one run to those of others.
pub(super) fn add(sum: &mut Figures, part: &Figures, placement: Placement) {
    merge_figures(sum, part);
    sum.rps += part.rps * placement.weight;
    sum.failures_per_second += part.failures_per_second * placement.weight;
    sum.tokens_per_second += part.tokens_per_second * placement.weight;
    for goodput in &part.goodput {
        add_goodput(&mut sum.goodput, goodput, placement.weight);
    }
    let goodput = std::mem::take(&mut sum.goodput);
    let with_share = |good: Goodput| Goodput { share: sum.share(good.good).unwrap_or_default(), ..good };
    sum.goodput = goodput.into_iter().map(with_share).collect();
    sum.cost_usd = match (sum.cost_usd, part.cost_usd) {
        (None, cost) | (cost, None) => cost,
        (Some(one), Some(other)) => Some(one + other),
    };
    sum.token_source = both(sum.token_source, part.token_source);
    for (kind, failure) in &part.failures {
        add_failure(sum, kind, failure, placement.offset_s as f64);
    }
}

/// A request that kept its limits in one run kept them in all. The shares are left to be made anew.
fn add_goodput(sum: &mut Vec<Goodput>, part: &Goodput, weight: f64) {
    let per_second = part.per_second * weight;
    match sum.iter_mut().find(|known| known.limits == part.limits) {
        Some(known) => {
            known.good += part.good;
            known.per_second += per_second;
        }
        None => sum.push(Goodput { per_second, ..part.clone() }),
    }
}

/// Kinds beyond those that one run may have are counted as others, as in one run.
fn add_failure(sum: &mut Figures, kind: &str, failure: &FailureCount, offset_s: f64) {
    let is_known = sum.failures.contains_key(kind) || sum.failures.len() < FAILURE_KINDS - 1;
    let kind = if is_known { kind.to_owned() } else { FailureKind::Other.to_string() };
    let (first_s, last_s) = (failure.first_s + offset_s, failure.last_s + offset_s);
    let known = sum.failures.entry(kind).or_insert_with(|| FailureCount {
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

fn both(one: TokenSource, other: TokenSource) -> TokenSource {
    match (one, other) {
        (TokenSource::None, source) | (source, TokenSource::None) => source,
        (one, other) if one == other => one,
        _ => TokenSource::Mixed,
    }
}
