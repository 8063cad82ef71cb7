//! Checked chains.

mod check;
mod graph;
mod names;
mod policy;
mod step;

use std::{collections::HashMap, sync::Arc, time::Duration};

pub use check::STEPS_MAX;
pub(crate) use check::check;
pub use graph::CriticalPath;
pub(crate) use graph::critical_path;
pub(crate) use policy::{FanOutPolicy, Join, OnError, RetryPolicy, StepPolicy};
pub(crate) use step::{
    Action, ChainAction, HttpAction, LlmAction, NestedInput, TokenDelivery, ToolAction, ToolOutput,
};
pub use step::{Step, StepKind};

use crate::template::Template;

/// A checked chain: an acyclic graph of steps, which can run any number of times.
#[derive(Debug)]
pub struct Plan {
    pub(crate) name: Arc<str>,
    pub(crate) about: Option<String>,
    pub(crate) timeout: Option<Duration>,
    pub(crate) result: Option<Template>,
    /// The indices of the steps that no other needs; without a result template, their texts are the result.
    pub(crate) last: Box<[usize]>,
    pub(crate) steps: Box<[Arc<Step>]>,
    /// The index of each step by name.
    pub(crate) index_by_name: HashMap<Arc<str>, usize>,
}

impl Plan {
    /// The name of the chain.
    pub const fn name(&self) -> &Arc<str> {
        &self.name
    }

    /// The author's description of the chain.
    pub fn about(&self) -> Option<&str> {
        self.about.as_deref()
    }

    /// The timeout of a run, if the chain sets one.
    pub const fn timeout(&self) -> Option<Duration> {
        self.timeout
    }

    /// All steps in topological order, and otherwise in file order.
    pub const fn steps(&self) -> &[Arc<Step>] {
        &self.steps
    }

    /// Returns the step at `index`.
    #[expect(
        clippy::indexing_slicing,
        reason = "indices come from this plan: from its steps, their needs or its queue"
    )]
    pub(crate) fn step(&self, index: usize) -> &Arc<Step> {
        &self.steps[index]
    }

    /// Returns the longest path through the graph if each step takes `duration`: a lower bound on the duration of a run,
    /// whatever its concurrency.
    pub fn critical_path(&self, duration: impl Fn(&Step) -> Duration) -> CriticalPath {
        critical_path(self.steps.iter().map(|step| (&**step, duration(step))), |_, _| true)
    }
}
