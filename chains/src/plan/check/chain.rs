//! The check of a whole chain.

use std::{collections::BTreeMap, sync::Arc};

use toml::Spanned;

use super::{
    action::check_action,
    context::CheckContext,
    dependencies::Dependencies,
    policy::{check_policy, check_timeout},
};
use crate::{
    plan::{Action, Plan, Step, StepPolicy, graph, names::check_chain_name},
    spec::{RawChain, RawStep, Source, SpecError, SpecErrorKind, SpecErrors, collect_all, join},
    template::{INDEX, ITEM},
};

/// The largest number of steps of a chain.
pub const STEPS_MAX: usize = 1_024;

/// Checks one chain of a file.
///
/// # Errors
/// Returns all errors of names; without such, all errors of needs; without such, all others.
pub(crate) fn check(source: Source<'_>, name: &Spanned<String>, raw: RawChain) -> Result<Plan, SpecErrors> {
    let at = CheckContext { source, chain: name, step: None };
    check_chain_name(name.get_ref()).map_err(|kind| at.error(kind))?;
    let steps = in_file_order(at, raw.step)?;
    let needs = Dependencies::resolve(at, &steps)?;
    let order = needs.order(at, &steps)?;
    let result =
        raw.result.map(|text| at.template("result", &text, |name| needs.check_result_reference(name)));
    let timeout = raw.timeout.map(|timeout| check_timeout(at, &timeout));
    let actions = collect_all(steps.into_iter().enumerate().map(|(position, (name, step))| {
        check_step(at.step(&name), name.get_ref(), step, needs.check_reference_from(position))
    }));
    let keys =
        join(result.transpose().map_err(SpecErrors::from), timeout.transpose().map_err(SpecErrors::from));
    let ((result, timeout), actions) = join(keys, actions)?;
    let steps = assemble(&needs, &order, actions);
    let index_by_name = steps.iter().map(|step| (Arc::clone(step.name()), step.index())).collect();
    let last = last_steps(&steps);
    Ok(Plan {
        name: name.get_ref().as_str().into(),
        about: raw.about,
        timeout,
        result,
        last,
        steps,
        index_by_name,
    })
}

fn check_step(
    at: CheckContext<'_>,
    name: &str,
    step: RawStep,
    check_reference: impl Fn(&str) -> Result<(), SpecErrorKind>,
) -> Result<(Action, StepPolicy), SpecError> {
    let policy = check_policy(at, &step, &check_reference)?;
    let is_fan_out = policy.fan_out.is_some();
    let check_reference = |name: &str| {
        if is_fan_out && (name == ITEM || name == INDEX) { Ok(()) } else { check_reference(name) }
    };
    Ok((check_action(at, name, step, &check_reference)?, policy))
}

/// Returns the steps that no other needs. A fallback does not count; the step whose fallback it is does.
fn last_steps(steps: &[Arc<Step>]) -> Box<[usize]> {
    let is_fallback =
        |index: &usize| steps.get(*index).is_some_and(|step| step.policy.fallback_for.is_some());
    let last = steps
        .iter()
        .filter(|step| step.policy.fallback_for.is_none() && step.dependents.iter().all(is_fallback));
    last.map(|step| step.index()).collect()
}

fn in_file_order(
    at: CheckContext<'_>,
    steps: BTreeMap<Spanned<String>, RawStep>,
) -> Result<Vec<(Spanned<String>, RawStep)>, SpecError> {
    if steps.is_empty() {
        return Err(at.error(SpecErrorKind::NoSteps));
    }
    if steps.len() > STEPS_MAX {
        return Err(at.error(SpecErrorKind::TooManySteps { count: steps.len(), max: STEPS_MAX }));
    }
    let mut steps: Vec<_> = steps.into_iter().collect();
    steps.sort_by_key(|(name, _)| name.span().start);
    Ok(steps)
}

/// Renumbers the steps from file order, in which `needs` and `actions` are, to plan order.
#[expect(
    clippy::indexing_slicing,
    reason = "positions and ranks are below the number of steps, the length of every list here"
)]
fn assemble(needs: &Dependencies, order: &[usize], actions: Vec<(Action, StepPolicy)>) -> Box<[Arc<Step>]> {
    let mut ranks = vec![0; order.len()];
    for (rank, position) in order.iter().enumerate() {
        ranks[*position] = rank;
    }
    let needs_of = |position: &usize| {
        let mut needs: Vec<usize> = needs.needs[*position].iter().map(|need| ranks[*need]).collect();
        needs.sort_unstable();
        needs
    };
    let ranked: Vec<Vec<usize>> = order.iter().map(needs_of).collect();
    let dependents = graph::dependents(&ranked);
    let mut actions: Vec<(usize, (Action, StepPolicy))> = ranks.iter().copied().zip(actions).collect();
    for (position, fallback) in needs.fallbacks.iter().enumerate() {
        if let Some(fallback) = fallback {
            actions[position].1.1.fallback = Some(ranks[*fallback]);
            actions[*fallback].1.1.fallback_for = Some(ranks[position]);
        }
    }
    actions.sort_unstable_by_key(|(rank, _)| *rank);
    let name = |rank: usize| Arc::clone(&needs.names[order[rank]]);
    let steps = actions.into_iter().zip(ranked).zip(dependents).map(
        |(((index, (action, policy)), needs), dependents)| {
            let need_names = needs.iter().map(|need| name(*need)).collect();
            Arc::new(Step {
                index,
                name: name(index),
                needs: needs.into(),
                need_names,
                dependents: dependents.into(),
                action,
                policy,
            })
        },
    );
    steps.collect()
}
