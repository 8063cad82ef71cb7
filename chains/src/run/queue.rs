//! The steps that are ready to start.

use std::{collections::VecDeque, num::NonZeroUsize};

use super::options::ExecutionMode;
use crate::plan::{Join, Plan, Step};

/// Yields each step of a plan once it is ready, and the entries of fan-outs, within the limit on concurrency.
#[derive(Debug)]
pub(super) struct ReadyQueue {
    /// What is ready to start, in the order in which it became ready.
    ready: VecDeque<QueueEntry>,
    /// The needs of each step; empty when steps run in plan order.
    dependencies: Vec<DependencyState>,
    /// The number of steps or entries that may still start now.
    free_slots: usize,
}

/// A step, or an entry of a fan-out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum QueueEntry {
    Step(usize),
    Item { step: usize, item: usize },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum DependencyState {
    /// This many of its needs have not ended.
    Unmet(usize),
    /// The step has been queued.
    Queued,
}

/// How a step ended, for the steps that need it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum StepEnd {
    Completed,
    /// Skipped, not needed as a fallback, or failed in a run that continues.
    NotCompleted,
}

impl ReadyQueue {
    pub(super) fn new(plan: &Plan, mode: ExecutionMode) -> Self {
        let steps = || plan.steps().iter();
        match mode {
            // In plan order, each step follows all that it needs.
            ExecutionMode::Sequential => Self {
                ready: steps().map(|step| QueueEntry::Step(step.index())).collect(),
                dependencies: Vec::new(),
                free_slots: 1,
            },
            ExecutionMode::Parallel { at_once } => Self {
                ready: steps()
                    .filter(|step| step.needs().is_empty())
                    .map(|step| QueueEntry::Step(step.index()))
                    .collect(),
                dependencies: steps().map(|step| DependencyState::Unmet(step.needs().len())).collect(),
                free_slots: at_once.map_or(usize::MAX, NonZeroUsize::get),
            },
        }
    }

    /// Returns what may start now, which occupies a slot.
    pub(super) fn pop(&mut self) -> Option<QueueEntry> {
        self.free_slots = self.free_slots.checked_sub(usize::from(!self.ready.is_empty()))?;
        self.ready.pop_front()
    }

    /// Releases the slot of a step or entry that has ended.
    pub(super) fn release_slot(&mut self) {
        self.free_slots = self.free_slots.saturating_add(1);
    }

    /// An entry of a fan-out comes before all that dependencies: its step has had its turn.
    pub(super) fn push_item(&mut self, step: usize, item: usize) {
        self.ready.push_front(QueueEntry::Item { step, item });
    }

    /// Removes the queued entries of the fan-out of `step`.
    pub(super) fn remove_items(&mut self, step: usize) {
        self.ready.retain(|entry| !matches!(entry, QueueEntry::Item { step: of, .. } if *of == step));
    }

    /// Queues the steps that become ready because `step` has ended.
    pub(super) fn step_ended(&mut self, plan: &Plan, step: &Step, end: StepEnd) {
        for &dependent in &*step.dependents {
            let Some(state) = self.dependencies.get_mut(dependent) else { continue };
            let DependencyState::Unmet(unmet) = state else { continue };
            *unmet -= 1;
            let is_ready =
                *unmet == 0 || end == StepEnd::Completed && plan.step(dependent).policy.join == Join::Any;
            if is_ready {
                *state = DependencyState::Queued;
                self.ready.push_back(QueueEntry::Step(dependent));
            }
        }
    }
}
