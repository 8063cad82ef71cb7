//! A chain as a whole, checked.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use toml::Spanned;

use super::{needs::Needs, place::At, work::check_work};
use crate::{
    plan::{Plan, PlanError, Step, Work, graph, names::check_chain_name},
    spec::{Faults, RawChain, RawDuration, RawStep, Source, SpecError, all, both},
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
        check_work(at.step(&name), name.get_ref(), step, needs.mention_from(place))
    }));
    let keys = both(result.transpose().map_err(Faults::from), timeout.transpose().map_err(Faults::from));
    let ((result, timeout), works) = both(keys, works)?;
    let steps = assemble(&needs, &order, works);
    let places = steps.iter().map(|step| (Arc::clone(step.name()), step.index())).collect();
    Ok(Plan { name: name.get_ref().as_str().into(), about: raw.about, timeout, result, steps, places })
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

fn check_timeout(at: At<'_>, timeout: &Spanned<RawDuration>) -> Result<Duration, SpecError> {
    let duration = timeout.get_ref().0;
    if duration.is_zero() {
        let message = "0s leaves no time to run; leave the key out for the server's own timeout".to_owned();
        return Err(at.key_error("timeout", timeout.span(), PlanError::Value { message }));
    }
    Ok(duration)
}

/// Renumbers the steps from the order of the file, in which `needs` and `works` are, to `order`.
#[expect(
    clippy::indexing_slicing,
    reason = "places and ranks are below the number of steps, which all here have"
)]
fn assemble(needs: &Needs, order: &[usize], works: Vec<Work>) -> Box<[Arc<Step>]> {
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
    let mut works: Vec<(usize, Work)> = ranks.iter().copied().zip(works).collect();
    works.sort_unstable_by_key(|(rank, _)| *rank);
    let name = |rank: usize| Arc::clone(&needs.names[order[rank]]);
    let steps = works.into_iter().zip(ranked).zip(feeds).map(|(((index, work), needs), feeds)| {
        let need_names = needs.iter().map(|need| name(*need)).collect();
        Arc::new(Step {
            index,
            name: name(index),
            needs: needs.into(),
            need_names,
            feeds: feeds.into(),
            work,
        })
    });
    steps.collect()
}
