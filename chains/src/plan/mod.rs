//! A chain whose every reference and template has been checked.

mod check;
mod error;
mod expression;
mod graph;
mod names;
mod policy;
mod step;
mod template;

use std::{collections::HashMap, sync::Arc, time::Duration};

pub use check::STEPS_MAX;
pub(crate) use check::check;
pub use error::PlanError;
pub(crate) use expression::{Condition, ListExpression};
pub use graph::CriticalPath;
pub(crate) use graph::critical_path;
pub(crate) use policy::{Fan, Join, OnError, Policy, Retry};
pub(crate) use step::{
    Gives, HttpWork, LlmWork, NestedInput, NestedWork, TokenFlow, ToolWork, Work, Written,
};
pub use step::{Step, StepKind};
pub(crate) use template::{INDEX, INPUT, ITEM, Template};
pub use template::{RENDERED_BYTES_MAX, RenderError, TemplateFault};

/// A checked chain: a graph of steps without circles, ready to run any number of times.
#[derive(Debug)]
pub struct Plan {
    pub(crate) name: Arc<str>,
    pub(crate) about: Option<String>,
    pub(crate) timeout: Option<Duration>,
    pub(crate) result: Option<Template>,
    /// The places of the steps that no other needs, whose texts are the result without a template for it.
    pub(crate) last: Box<[usize]>,
    pub(crate) steps: Box<[Arc<Step>]>,
    /// The place of each step by its name.
    pub(crate) places: HashMap<Arc<str>, usize>,
}

impl Plan {
    /// The chain's name.
    pub const fn name(&self) -> &Arc<str> {
        &self.name
    }

    /// What the chain is for, in its author's words.
    pub fn about(&self) -> Option<&str> {
        self.about.as_deref()
    }

    /// How long a run may take, if the chain says so.
    pub const fn timeout(&self) -> Option<Duration> {
        self.timeout
    }

    /// All steps, each after all that it needs, and otherwise in the order of the file.
    pub const fn steps(&self) -> &[Arc<Step>] {
        &self.steps
    }

    /// The longest path through the graph when each step takes what `duration` says: what a run takes
    /// at least, however much of it is parallel.
    pub fn critical_path(&self, duration: impl Fn(&Step) -> Duration) -> CriticalPath {
        critical_path(self.steps.iter().map(|step| (&**step, duration(step))), |_, _| true)
    }
}
