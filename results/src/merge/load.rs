//! Merges the loads of several runs.

use std::collections::BTreeMap;

use crate::summary::{LoadSummary, StageSummary};

/// Loads of one group ran at the same time: they add up. Groups ran one after another: the largest load counts,
/// for the sum of their durations.
pub(super) fn load<'a>(parts: impl Iterator<Item = (usize, &'a LoadSummary)>) -> Option<LoadSummary> {
    let mut groups: BTreeMap<usize, LoadSummary> = BTreeMap::new();
    for (group, load) in parts {
        match groups.get_mut(&group) {
            Some(whole) => add_simultaneous(whole, load),
            None => {
                groups.insert(group, load.clone());
            }
        }
    }
    groups.into_values().reduce(|mut whole, load| {
        add_consecutive(&mut whole, &load);
        whole
    })
}

fn add_simultaneous(whole: &mut LoadSummary, load: &LoadSummary) {
    whole.users = combine(whole.users, load.users, |one, other| one + other);
    whole.spawn_rate_per_s = combine(whole.spawn_rate_per_s, load.spawn_rate_per_s, |one, other| one + other);
    whole.rate_per_s = combine(whole.rate_per_s, load.rate_per_s, |one, other| one + other);
    whole.stages = sum_stages(&whole.stages, &load.stages);
    whole.run_time_s = combine(whole.run_time_s, load.run_time_s, f64::max);
    whole.requests = combine(whole.requests, load.requests, |one, other| one + other);
    whole.warm_up_s = whole.warm_up_s.max(load.warm_up_s);
    whole.cool_down_s = whole.cool_down_s.max(load.cool_down_s);
    whole.workers += load.workers;
}

fn add_consecutive(whole: &mut LoadSummary, load: &LoadSummary) {
    whole.users = combine(whole.users, load.users, u64::max);
    whole.spawn_rate_per_s = combine(whole.spawn_rate_per_s, load.spawn_rate_per_s, f64::max);
    whole.rate_per_s = combine(whole.rate_per_s, load.rate_per_s, f64::max);
    whole.run_time_s = combine(whole.run_time_s, load.run_time_s, |one, other| one + other);
    whole.requests = combine(whole.requests, load.requests, |one, other| one + other);
    whole.warm_up_s = whole.warm_up_s.max(load.warm_up_s);
    whole.cool_down_s = whole.cool_down_s.max(load.cool_down_s);
    whole.workers = whole.workers.max(load.workers);
}

/// Adds up levels that change at the same times; returns no stages if the times differ.
fn sum_stages(ours: &[StageSummary], theirs: &[StageSummary]) -> Vec<StageSummary> {
    let is_alike = |(ours, theirs): (&StageSummary, &StageSummary)| {
        ours.lasts_s == theirs.lasts_s && ours.way == theirs.way
    };
    if ours.len() != theirs.len() || !ours.iter().zip(theirs).all(is_alike) {
        return Vec::new();
    }
    ours.iter().zip(theirs).map(|(ours, theirs)| StageSummary { to: ours.to + theirs.to, ..*ours }).collect()
}

/// Returns `None` if one of the values is missing.
fn combine<T>(one: Option<T>, other: Option<T>, join: fn(T, T) -> T) -> Option<T> {
    one.zip(other).map(|(one, other)| join(one, other))
}
