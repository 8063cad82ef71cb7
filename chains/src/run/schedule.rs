//! What may start next.

use std::{collections::VecDeque, num::NonZeroUsize};

use super::Mode;
use crate::plan::{Join, Plan, Step};

/// Hands out the steps of a plan, each once, and the entries of their fan-outs.
#[derive(Debug)]
pub(super) struct Schedule {
    /// What may start, first come first served.
    ready: VecDeque<Turn>,
    /// What each step waits for; nothing waits when steps go in plan order.
    waits: Vec<Wait>,
    /// How many more may be at work now.
    free: usize,
}

/// Whose turn it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Turn {
    Step(usize),
    Item { step: usize, item: usize },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Wait {
    /// For so many of its needs to end.
    For(usize),
    /// It has had its turn, or is in line for it.
    Over,
}

/// How a step ended, as those that need it see it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ending {
    Completed,
    /// Skipped, not called for, or failed in a run that goes on.
    Otherwise,
}

impl Schedule {
    pub(super) fn new(plan: &Plan, mode: Mode) -> Self {
        let steps = || plan.steps().iter();
        match mode {
            // Plan order has each step behind all that it needs.
            Mode::Sequential => Self {
                ready: steps().map(|step| Turn::Step(step.index())).collect(),
                waits: Vec::new(),
                free: 1,
            },
            Mode::Parallel { at_once } => Self {
                ready: steps()
                    .filter(|step| step.needs().is_empty())
                    .map(|step| Turn::Step(step.index()))
                    .collect(),
                waits: steps().map(|step| Wait::For(step.needs().len())).collect(),
                free: at_once.map_or(usize::MAX, NonZeroUsize::get),
            },
        }
    }

    /// What is to start now, if anything may; it takes a place.
    pub(super) fn next(&mut self) -> Option<Turn> {
        self.free = self.free.checked_sub(usize::from(!self.ready.is_empty()))?;
        self.ready.pop_front()
    }

    /// Something that took a place is at work no more.
    pub(super) fn leave(&mut self) {
        self.free = self.free.saturating_add(1);
    }

    /// An entry of a fan-out comes before all that waits: its step has had its turn.
    pub(super) fn item(&mut self, step: usize, item: usize) {
        self.ready.push_front(Turn::Item { step, item });
    }

    /// Entries of the fan-out of `step` that have not started never will.
    pub(super) fn drop_items(&mut self, step: usize) {
        self.ready.retain(|turn| !matches!(turn, Turn::Item { step: of, .. } if *of == step));
    }

    /// `step` has ended: what needs it is one step nearer.
    pub(super) fn ended(&mut self, plan: &Plan, step: &Step, ending: Ending) {
        for &fed in &*step.feeds {
            let Some(wait) = self.waits.get_mut(fed) else { continue };
            let Wait::For(missing) = wait else { continue };
            *missing -= 1;
            let is_enough = *missing == 0
                || ending == Ending::Completed
                    && plan.steps().get(fed).is_some_and(|step| step.policy.join == Join::Any);
            if is_enough {
                *wait = Wait::Over;
                self.ready.push_back(Turn::Step(fed));
            }
        }
    }
}
