//! What the user wrote: raw TOML, checked into a [`Scenario`] before anything runs.

mod builtin;
mod criteria;
mod error;
mod headers;
mod load;
mod nearest;
mod overrides;
mod raw;
mod raw_criteria;
mod request;
mod source;
mod user;

use std::sync::Arc;
use std::time::Duration;

use http::HeaderMap;
use weir_wire::{ClientConfig, Target};

use crate::task::Templates;

pub(crate) use criteria::Criteria;
pub use error::{ScenarioError, ScenarioProblem};
pub(crate) use load::{ClosedLoop, Load, OpenLoop, Start};
pub use nearest::Suggestion;
pub use overrides::Overrides;
pub(crate) use user::{TaskSpec, UserClass};

/// A load to be made, checked: what to send, how it starts, until when.
///
/// Made by [`Scenario::load`], [`Scenario::builtin`] or [`Scenario::parse`]; changed by [`Scenario::with`].
#[derive(Clone, Debug)]
pub struct Scenario {
    name: String,
    about: String,
    target: Option<Target>,
    pub(crate) load: Load,
    pub(crate) users: Vec<UserClass>,
    pub(crate) criteria: Criteria,
    pub(crate) headers: HeaderMap,
    /// Values that no report may repeat.
    pub(crate) secrets: Vec<String>,
    pub(crate) client: ClientConfig,
    pub(crate) templates: Arc<Templates>,
    pub(crate) time_scale: f64,
    pub(crate) notes: Vec<String>,
}

impl Scenario {
    /// Its name: that of its file, or of the built-in scenario.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What it says of itself; empty when it says nothing.
    #[must_use]
    pub fn about(&self) -> &str {
        &self.about
    }

    /// Where its requests go, when that is said.
    #[must_use]
    pub fn target(&self) -> Option<&Target> {
        self.target.as_ref()
    }

    /// How long new requests are started, when that is said.
    #[must_use]
    pub fn run_time(&self) -> Option<Duration> {
        self.load.run_time
    }

    /// The names of its tasks, in the order of [`Summary::tasks`](crate::Summary::tasks).
    #[must_use]
    pub fn task_names(&self) -> Vec<String> {
        self.tasks().map(|(class, task)| self.task_name(class, task)).collect()
    }

    /// Every task with its class, in the order that summaries have.
    pub(crate) fn tasks(&self) -> impl Iterator<Item = (&UserClass, &TaskSpec)> {
        self.users.iter().flat_map(|class| class.tasks.iter().map(move |task| (class, task)))
    }

    /// A task's own name where no other class has one of that name.
    fn task_name(&self, class: &UserClass, task: &TaskSpec) -> String {
        let is_unique = self.tasks().filter(|(_, other)| other.name == task.name).count() == 1;
        if is_unique { task.name.clone() } else { format!("{}.{}", class.name, task.name) }
    }
}

#[cfg(test)]
mod tests;
