//! A chain as a whole, checked.

use std::{collections::BTreeMap, sync::Arc};

use toml::Spanned;

use super::{
    needs::Needs,
    place::At,
    policy::{check_policy, check_timeout},
    work::check_work,
};
use crate::{
    plan::{INDEX, ITEM, Plan, PlanError, Policy, Step, Work, graph, names::check_chain_name},
    spec::{Faults, RawChain, RawStep, Source, SpecError, all, both},
};

/// Steps that a chain may have.
pub const STEPS_MAX: usize = 1_024;

/// Checks one chain of a file.
///
/// # Errors
/// All faults of its names, or else of its needs, or else of everything else.
pub(crate) fn check(source: Source<'_>, name: &Spanned<String>, raw: RawChain) -> Result<Plan, Faults> {
    let at = At { source, chain: name, step: None };
    check_chain_name(name.get_ref()).map_err(|problem| at.error(problem))?;
    let steps = in_file_order(at, raw.step)?;
    let needs = Needs::resolve(at, &steps)?;
    let order = needs.order(at, &steps)?;
    let result = raw.result.map(|text| at.template("result", &text, |name| needs.mention_from_end(name)));
    let timeout = raw.timeout.map(|timeout| check_timeout(at, &timeout));
    let works = all(steps.into_iter().enumerate().map(|(place, (name, step))| {
        check_step(at.step(&name), name.get_ref(), step, needs.mention_from(place))
    }));
    let keys = both(result.transpose().map_err(Faults::from), timeout.transpose().map_err(Faults::from));
    let ((result, timeout), works) = both(keys, works)?;
    let steps = assemble(&needs, &order, works);
    let places = steps.iter().map(|step| (Arc::clone(step.name()), step.index())).collect();
    let last = last_steps(&steps);
    Ok(Plan { name: name.get_ref().as_str().into(), about: raw.about, timeout, result, last, steps, places })
}

fn check_step(
    at: At<'_>,
    name: &str,
    step: RawStep,
    mention: impl Fn(&str) -> Result<(), PlanError>,
) -> Result<(Work, Policy), SpecError> {
    let policy = check_policy(at, &step, &mention)?;
    let fans_out = policy.fan.is_some();
    let mention = |name: &str| {
        if fans_out && (name == ITEM || name == INDEX) { Ok(()) } else { mention(name) }
    };
    Ok((check_work(at, name, step, &mention)?, policy))
}

/// The steps that no other needs. A fallback is nobody's last step: the one that it stands in for is.
fn last_steps(steps: &[Arc<Step>]) -> Box<[usize]> {
    let is_fallback = |index: &usize| steps.get(*index).is_some_and(|fed| fed.policy.stands_in_for.is_some());
    let last =
        steps.iter().filter(|step| step.policy.stands_in_for.is_none() && step.feeds.iter().all(is_fallback));
    last.map(|step| step.index()).collect()
}

fn in_file_order(
    at: At<'_>,
    steps: BTreeMap<Spanned<String>, RawStep>,
) -> Result<Vec<(Spanned<String>, RawStep)>, SpecError> {
    if steps.is_empty() {
        return Err(at.error(PlanError::NoSteps));
    }
    if steps.len() > STEPS_MAX {
        return Err(at.error(PlanError::TooManySteps { count: steps.len(), max: STEPS_MAX }));
    }
    let mut steps: Vec<_> = steps.into_iter().collect();
    steps.sort_by_key(|(name, _)| name.span().start);
    Ok(steps)
}

/// Renumbers the steps from the order of the file, in which `needs` and `works` are, to `order`.
#[expect(
    clippy::indexing_slicing,
    reason = "places and ranks are below the number of steps, which all here have"
)]
fn assemble(needs: &Needs, order: &[usize], works: Vec<(Work, Policy)>) -> Box<[Arc<Step>]> {
    let mut ranks = vec![0; order.len()];
    for (rank, place) in order.iter().enumerate() {
        ranks[*place] = rank;
    }
    let needs_of = |place: &usize| {
        let mut needs: Vec<usize> = needs.needs[*place].iter().map(|need| ranks[*need]).collect();
        needs.sort_unstable();
        needs
    };
    let ranked: Vec<Vec<usize>> = order.iter().map(needs_of).collect();
    let feeds = graph::feeds(&ranked);
    let mut works: Vec<(usize, (Work, Policy))> = ranks.iter().copied().zip(works).collect();
    for (place, fallback) in needs.fallbacks.iter().enumerate() {
        if let Some(fallback) = fallback {
            works[place].1.1.fallback = Some(ranks[*fallback]);
            works[*fallback].1.1.stands_in_for = Some(ranks[place]);
        }
    }
    works.sort_unstable_by_key(|(rank, _)| *rank);
    let name = |rank: usize| Arc::clone(&needs.names[order[rank]]);
    let steps = works.into_iter().zip(ranked).zip(feeds).map(|(((index, (work, policy)), needs), feeds)| {
        let need_names = needs.iter().map(|need| name(*need)).collect();
        Arc::new(Step {
            index,
            name: name(index),
            needs: needs.into(),
            need_names,
            feeds: feeds.into(),
            work,
            policy,
        })
    });
    steps.collect()
}
