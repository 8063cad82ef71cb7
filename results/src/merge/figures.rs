//! Merges the figures of several runs.

use std::collections::BTreeMap;

use crate::summary::{FAILURE_KINDS_MAX, FailureCount, Figures, Goodput, OTHER_FAILURES, TokenSource};

use super::placement::Placement;

/// Adds the figures of one run to those of others.
pub(super) fn add(sum: &mut Figures, part: &Figures, placement: Placement) {
    let Placement { weight, offset_s, group: _ } = placement;
    // Without `..`: a field that is added to `Figures` has to be merged here.
    let Figures {
        completed,
        failed,
        rate_limited,
        failures,
        rps,
        failures_per_second,
        input_tokens,
        cached_tokens,
        output_tokens,
        token_source,
        tokens_per_second,
        cost_usd,
        events,
        coalesced,
        usage_events,
        usage_tokens,
        empty,
        unmarked,
        bodies_cut,
        odd_usage,
        resends,
        retried,
        retries,
        failed_attempts,
        turns,
        turn_requests,
        turns_cut,
        tool_calls,
        unknown_tools,
        turn_time,
        bytes_sent,
        bytes_received,
        e2e,
        response_time,
        ttfb,
        ttft,
        ttft_scheduled,
        ttfo,
        itl,
        itl_per_token,
        tpot,
        goodput,
        rate_limited_e2e,
        ground_truth,
    } = part;
    sum.completed += completed;
    sum.failed += failed;
    sum.rate_limited += rate_limited;
    add_failures(&mut sum.failures, failures, offset_s as f64);
    sum.rps += rps * weight;
    sum.failures_per_second += failures_per_second * weight;
    sum.input_tokens = sum.input_tokens.saturating_add(*input_tokens);
    sum.cached_tokens = sum.cached_tokens.saturating_add(*cached_tokens);
    sum.output_tokens = sum.output_tokens.saturating_add(*output_tokens);
    sum.token_source = combined_source(sum.token_source, *token_source);
    sum.tokens_per_second += tokens_per_second * weight;
    sum.cost_usd = match (sum.cost_usd, *cost_usd) {
        (None, cost) | (cost, None) => cost,
        (Some(one), Some(other)) => Some(one + other),
    };
    sum.events += events;
    sum.coalesced += coalesced;
    sum.usage_events += usage_events;
    sum.usage_tokens = sum.usage_tokens.saturating_add(*usage_tokens);
    sum.empty += empty;
    sum.unmarked += unmarked;
    sum.bodies_cut += bodies_cut;
    sum.odd_usage += odd_usage;
    sum.resends += resends;
    sum.retried += retried;
    sum.retries += retries;
    add_failures(&mut sum.failed_attempts, failed_attempts, offset_s as f64);
    sum.turns += turns;
    sum.turn_requests += turn_requests;
    sum.turns_cut += turns_cut;
    sum.tool_calls += tool_calls;
    sum.unknown_tools += unknown_tools;
    sum.turn_time.merge(turn_time);
    sum.bytes_sent += bytes_sent;
    sum.bytes_received += bytes_received;
    sum.e2e.merge(e2e);
    sum.response_time.merge(response_time);
    sum.ttfb.merge(ttfb);
    sum.ttft.merge(ttft);
    sum.ttft_scheduled.merge(ttft_scheduled);
    sum.ttfo.merge(ttfo);
    sum.itl.merge(itl);
    sum.itl_per_token.merge(itl_per_token);
    sum.tpot.merge(tpot);
    add_goodput(sum, goodput, weight);
    sum.rate_limited_e2e.merge(rate_limited_e2e);
    if let Some(ground_truth) = ground_truth {
        sum.ground_truth.get_or_insert_default().merge(ground_truth);
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
