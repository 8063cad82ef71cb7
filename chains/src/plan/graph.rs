//! Orders of and paths through the graph of steps.

use std::{cmp::Reverse, collections::BinaryHeap, sync::Arc, time::Duration};

use super::Step;

/// The longest path through the steps of a plan or a run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CriticalPath {
    /// The names of its steps, first to last.
    pub steps: Vec<Arc<str>>,
    /// The sum of their durations.
    pub duration: Duration,
}

/// Returns a topological order that otherwise keeps the order of the nodes. `needs` has, for each node, the nodes that it
/// needs; all are below `needs.len()`.
///
/// # Errors
/// Returns the nodes of a cycle, each needing the next, the last needing the first.
pub(super) fn topological_order(needs: &[Vec<usize>]) -> Result<Vec<usize>, Vec<usize>> {
    let dependents = dependents(needs);
    let mut unmet: Vec<usize> = needs.iter().map(Vec::len).collect();
    let roots = unmet.iter().enumerate().filter(|(_, unmet)| **unmet == 0);
    let mut ready: BinaryHeap<Reverse<usize>> = roots.map(|(node, _)| Reverse(node)).collect();
    let mut order = Vec::with_capacity(needs.len());
    while let Some(Reverse(node)) = ready.pop() {
        order.push(node);
        for &dependent in dependents.get(node).into_iter().flatten() {
            if let Some(unmet) = unmet.get_mut(dependent) {
                *unmet -= 1;
                if *unmet == 0 {
                    ready.push(Reverse(dependent));
                }
            }
        }
    }
    if order.len() == needs.len() { Ok(order) } else { Err(cycle(needs, &unmet)) }
}

/// Returns, for each node, the nodes that need it, ascending.
pub(super) fn dependents(needs: &[Vec<usize>]) -> Vec<Vec<usize>> {
    let mut dependents = vec![Vec::new(); needs.len()];
    for (node, needs) in needs.iter().enumerate() {
        for &need in needs {
            if let Some(dependents) = dependents.get_mut(need) {
                dependents.push(node);
            }
        }
    }
    dependents
}

/// Returns a cycle among the nodes with unmet needs: each of them needs another of them, so following the needs leads
/// back to a visited node.
fn cycle(needs: &[Vec<usize>], unmet: &[usize]) -> Vec<usize> {
    let is_stuck = |node: &usize| unmet.get(*node).is_some_and(|unmet| *unmet > 0);
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

/// Returns a mark for each node: whether `node` needs it, directly or indirectly.
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

/// Returns the longest path through `steps`, which are in plan order and may be a subset of the plan. `has_waited` returns
/// whether a step has_waited for the given one of its needs.
pub(crate) fn critical_path<'s>(
    steps: impl Iterator<Item = (&'s Step, Duration)>,
    has_waited: impl Fn(&Step, usize) -> bool,
) -> CriticalPath {
    /// The longest path that ends with `step`.
    struct LongestPath<'s> {
        step: &'s Step,
        previous: Option<usize>,
        duration: Duration,
    }
    let mut paths: Vec<Option<LongestPath<'s>>> = Vec::new();
    let mut last: Option<usize> = None;
    for (step, took) in steps {
        let duration_to = |index: usize| paths.get(index).and_then(Option::as_ref).map(|path| path.duration);
        // Of equally long paths the first is chosen, so that the result is deterministic.
        let needs = step.needs().iter().copied().filter(|need| has_waited(step, *need));
        let previous = needs.rev().max_by_key(|need| duration_to(*need));
        let before = previous.and_then(duration_to).unwrap_or_default();
        let duration = before + took;
        if last.and_then(duration_to).is_none_or(|longest| duration > longest) {
            last = Some(step.index());
        }
        paths.resize_with(step.index(), || None);
        paths.push(Some(LongestPath { step, previous, duration }));
    }
    let duration =
        last.and_then(|index| paths.get(index)?.as_ref()).map_or(Duration::ZERO, |path| path.duration);
    let mut path = Vec::new();
    while let Some(end) = last.and_then(|index| paths.get(index)?.as_ref()) {
        path.push(Arc::clone(end.step.name()));
        last = end.previous;
    }
    path.reverse();
    CriticalPath { steps: path, duration }
}
