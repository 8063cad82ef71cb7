//! Orders and paths of the graph of steps.

use std::{cmp::Reverse, collections::BinaryHeap, sync::Arc, time::Duration};

use super::Step;

/// The longest path through the steps of a plan or a run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CriticalPath {
    /// The names of the steps on it, first to last.
    pub steps: Vec<Arc<str>>,
    /// The sum of their durations.
    pub duration: Duration,
}

/// An order in which every node comes after all that it needs, and nodes otherwise keep their order.
/// `needs` has for each node the nodes that it needs; all are below `needs.len()`.
///
/// # Errors
/// Nodes on a circle, each needing the next, the last needing the first.
pub(super) fn order(needs: &[Vec<usize>]) -> Result<Vec<usize>, Vec<usize>> {
    let feeds = feeds(needs);
    let mut missing: Vec<usize> = needs.iter().map(Vec::len).collect();
    let roots = missing.iter().enumerate().filter(|(_, missing)| **missing == 0);
    let mut ready: BinaryHeap<Reverse<usize>> = roots.map(|(node, _)| Reverse(node)).collect();
    let mut order = Vec::with_capacity(needs.len());
    while let Some(Reverse(node)) = ready.pop() {
        order.push(node);
        for &fed in feeds.get(node).into_iter().flatten() {
            if let Some(missing) = missing.get_mut(fed) {
                *missing -= 1;
                if *missing == 0 {
                    ready.push(Reverse(fed));
                }
            }
        }
    }
    if order.len() == needs.len() { Ok(order) } else { Err(circle(needs, &missing)) }
}

/// For each node the nodes that need it, ascending.
pub(super) fn feeds(needs: &[Vec<usize>]) -> Vec<Vec<usize>> {
    let mut feeds = vec![Vec::new(); needs.len()];
    for (node, needs) in needs.iter().enumerate() {
        for &need in needs {
            if let Some(feeds) = feeds.get_mut(need) {
                feeds.push(node);
            }
        }
    }
    feeds
}

/// A circle among the nodes that still miss something: each of them needs another of them, so that
/// following needs must come back to where it has been.
fn circle(needs: &[Vec<usize>], missing: &[usize]) -> Vec<usize> {
    let is_stuck = |node: &usize| missing.get(*node).is_some_and(|missing| *missing > 0);
    let mut path: Vec<usize> = Vec::new();
    let mut next = (0..needs.len()).find(is_stuck);
    while let Some(node) = next {
        if let Some(start) = path.iter().position(|passed| *passed == node) {
            return path.split_off(start);
        }
        path.push(node);
        next = needs.get(node).and_then(|needs| needs.iter().copied().find(is_stuck));
    }
    path
}

/// The nodes that `node` needs, directly or through others; marked by place.
pub(super) fn ancestors(node: usize, needs: &[Vec<usize>]) -> Vec<bool> {
    let mut marked = vec![false; needs.len()];
    let mut open = vec![node];
    while let Some(node) = open.pop() {
        for &need in needs.get(node).into_iter().flatten() {
            if let Some(marked) = marked.get_mut(need).filter(|marked| !**marked) {
                *marked = true;
                open.push(need);
            }
        }
    }
    marked
}

/// The longest path through `steps`, which come in plan order and may be some of the plan's only. `waited` says
/// whether a step waited for the one at that place, which it needs.
pub(crate) fn critical_path<'s>(
    steps: impl Iterator<Item = (&'s Step, Duration)>,
    waited: impl Fn(&Step, usize) -> bool,
) -> CriticalPath {
    /// The longest path that ends with a step.
    struct Reach<'s> {
        step: &'s Step,
        through: Option<usize>,
        duration: Duration,
    }
    let mut reaches: Vec<Option<Reach<'s>>> = Vec::new();
    let mut last: Option<usize> = None;
    for (step, took) in steps {
        let reach = |place: usize| reaches.get(place).and_then(Option::as_ref).map(|reach| reach.duration);
        // Of equally long ways the first is taken, so that the path does not depend on chance.
        let needs = step.needs().iter().copied().filter(|need| waited(step, *need));
        let through = needs.rev().max_by_key(|need| reach(*need));
        let before = through.and_then(reach).unwrap_or_default();
        let duration = before + took;
        if last.and_then(reach).is_none_or(|longest| duration > longest) {
            last = Some(step.index());
        }
        reaches.resize_with(step.index(), || None);
        reaches.push(Some(Reach { step, through, duration }));
    }
    let duration =
        last.and_then(|place| reaches.get(place)?.as_ref()).map_or(Duration::ZERO, |reach| reach.duration);
    let mut path = Vec::new();
    while let Some(reach) = last.and_then(|place| reaches.get(place)?.as_ref()) {
        path.push(Arc::clone(reach.step.name()));
        last = reach.through;
    }
    path.reverse();
    CriticalPath { steps: path, duration }
}
