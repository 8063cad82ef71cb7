//! The loads of several runs as that of one.

use std::collections::BTreeMap;

use crate::summary::{LoadSummary, StageSummary};

/// Loads of one group ran at the same time: they add up. Of groups, which ran one after another, the largest is the
/// whole, for as long as all of them.
pub(super) fn load<'a>(parts: impl Iterator<Item = (usize, &'a LoadSummary)>) -> Option<LoadSummary> {
    let mut groups: BTreeMap<usize, LoadSummary> = BTreeMap::new();
    for (group, load) in parts {
        match groups.get_mut(&group) {
            Some(whole) => beside(whole, load),
            None => {
                groups.insert(group, load.clone());
            }
        }
    }
    groups.into_values().reduce(|mut whole, load| {
        after(&mut whole, &load);
        whole
    })
}

fn beside(whole: &mut LoadSummary, load: &LoadSummary) {
    whole.users = joined(whole.users, load.users, |one, other| one + other);
    whole.spawn_rate_per_s = joined(whole.spawn_rate_per_s, load.spawn_rate_per_s, |one, other| one + other);
    whole.rate_per_s = joined(whole.rate_per_s, load.rate_per_s, |one, other| one + other);
    whole.stages = added(&whole.stages, &load.stages);
    whole.run_time_s = joined(whole.run_time_s, load.run_time_s, f64::max);
    whole.requests = joined(whole.requests, load.requests, |one, other| one + other);
    whole.warm_up_s = whole.warm_up_s.max(load.warm_up_s);
    whole.cool_down_s = whole.cool_down_s.max(load.cool_down_s);
    whole.workers += load.workers;
}

fn after(whole: &mut LoadSummary, load: &LoadSummary) {
    whole.users = joined(whole.users, load.users, u64::max);
    whole.spawn_rate_per_s = joined(whole.spawn_rate_per_s, load.spawn_rate_per_s, f64::max);
    whole.rate_per_s = joined(whole.rate_per_s, load.rate_per_s, f64::max);
    whole.run_time_s = joined(whole.run_time_s, load.run_time_s, |one, other| one + other);
    whole.requests = joined(whole.requests, load.requests, |one, other| one + other);
    whole.warm_up_s = whole.warm_up_s.max(load.warm_up_s);
    whole.cool_down_s = whole.cool_down_s.max(load.cool_down_s);
    whole.workers = whole.workers.max(load.workers);
}

/// Levels add up where they change at the same times; else no stages say what the whole does.
fn added(ours: &[StageSummary], theirs: &[StageSummary]) -> Vec<StageSummary> {
    let is_alike = |(ours, theirs): (&StageSummary, &StageSummary)| {
        ours.lasts_s == theirs.lasts_s && ours.way == theirs.way
    };
    if ours.len() != theirs.len() || !ours.iter().zip(theirs).all(is_alike) {
        return Vec::new();
    }
    ours.iter().zip(theirs).map(|(ours, theirs)| StageSummary { to: ours.to + theirs.to, ..*ours }).collect()
}

/// What is not said of one run cannot be said of the whole.
fn joined<T>(one: Option<T>, other: Option<T>, join: fn(T, T) -> T) -> Option<T> {
    one.zip(other).map(|(one, other)| join(one, other))
}
