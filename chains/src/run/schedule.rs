//! Which step may start next.

use std::{collections::VecDeque, num::NonZeroUsize};

use super::Mode;
use crate::plan::{Plan, Step};

/// Hands out the steps of a plan, each once.
#[derive(Debug)]
pub(super) struct Schedule {
    /// Steps that may start, first come first served.
    ready: VecDeque<usize>,
    /// How many of its needs each step still waits for; nothing waits when steps go in plan order.
    missing: Vec<usize>,
    /// How many more steps may run now.
    free: usize,
}

impl Schedule {
    pub(super) fn new(plan: &Plan, mode: Mode) -> Self {
        match mode {
            // Plan order has each step behind all that it needs.
            Mode::Sequential => {
                Self { ready: (0..plan.steps().len()).collect(), missing: Vec::new(), free: 1 }
            }
            Mode::Parallel { at_once } => Self {
                ready: plan
                    .steps()
                    .iter()
                    .filter(|step| step.needs().is_empty())
                    .map(|step| step.index())
                    .collect(),
                missing: plan.steps().iter().map(|step| step.needs().len()).collect(),
                free: at_once.map_or(usize::MAX, NonZeroUsize::get),
            },
        }
    }

    /// The step to start now, if one may.
    pub(super) fn next(&mut self) -> Option<usize> {
        self.free = self.free.checked_sub(usize::from(!self.ready.is_empty()))?;
        self.ready.pop_front()
    }

    /// `step` has ended: its place is free, and what needs it is one step nearer.
    pub(super) fn ended(&mut self, step: &Step) {
        self.free = self.free.saturating_add(1);
        for &fed in &*step.feeds {
            if let Some(missing) = self.missing.get_mut(fed) {
                *missing -= 1;
                if *missing == 0 {
                    self.ready.push_back(fed);
                }
            }
        }
    }
}
