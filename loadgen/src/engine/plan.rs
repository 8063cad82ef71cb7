//! What every worker of a run knows, decided before the first of them starts.

use std::num::NonZeroUsize;
use std::sync::Arc;
use std::time::{Duration, Instant};

use weir_pace::{Latency, Seed};
use weir_wire::{ClientConfig, Target};

use crate::arrivals::Weights;
use crate::record::Problem;
use crate::request_log::RequestSink;
use crate::scenario::{Load, Scenario, UserClass};
use crate::task::{Check, Prepared, RateLimiting, Reading, Templates};

use super::options::{RunError, RunOptions};

/// A scenario made ready to run.
#[derive(Debug)]
pub(crate) struct Plan {
    pub(crate) load: Load,
    pub(crate) classes: Vec<ClassPlan>,
    /// Of all classes; a task's place here is its number.
    pub(crate) tasks: Vec<TaskPlan>,
    pub(crate) templates: Arc<Templates>,
    pub(crate) target: Target,
    pub(crate) client: ClientConfig,
    pub(crate) seed: Seed,
    pub(crate) workers: NonZeroUsize,
    /// The instant that everything counts from.
    pub(crate) epoch: Instant,
    /// Where a row of each request is wanted.
    pub(crate) request_log: Option<RequestSink>,
    secrets: Vec<String>,
}

/// What the users of a class do.
#[derive(Debug)]
pub(crate) struct ClassPlan {
    /// Its share of the users, or of the arrivals.
    pub(crate) weight: u32,
    pub(crate) think: Latency,
    /// Its first task's number.
    pub(crate) first_task: usize,
    pub(crate) tasks: Weights,
}

/// What is sent, and what passes as its answer.
#[derive(Debug)]
pub(crate) struct TaskPlan {
    pub(crate) prepared: Prepared,
    pub(crate) reading: Reading,
    pub(crate) check: Check,
    pub(crate) rate_limiting: RateLimiting,
}

impl Plan {
    pub(super) fn new(
        scenario: &Scenario,
        target: &Target,
        options: RunOptions,
        workers: NonZeroUsize,
        epoch: Instant,
    ) -> Result<Self, RunError> {
        let tasks = scenario.tasks().map(|(_, task)| {
            let prepared = Prepared::new(&task.blueprint, target, &scenario.headers)
                .map_err(|source| RunError::Path { task: task.name.clone(), source })?;
            Ok(TaskPlan {
                prepared,
                reading: task.blueprint.reading,
                check: task.check.clone(),
                rate_limiting: task.rate_limiting,
            })
        });
        Ok(Self {
            load: scenario.load.clone(),
            tasks: tasks.collect::<Result<_, RunError>>()?,
            classes: classes(&scenario.users),
            templates: Arc::clone(&scenario.templates),
            target: target.clone(),
            client: scenario.client.clone(),
            seed: options.seed,
            workers,
            epoch,
            request_log: options.request_log,
            secrets: scenario.secrets.clone(),
        })
    }

    /// When the warm-up is over.
    pub(crate) fn warm_until(&self) -> Instant {
        after(self.epoch, self.load.warm_up)
    }

    /// When the last request may start.
    pub(crate) fn end(&self) -> Option<Instant> {
        self.load.run_time.map(|run_time| after(self.epoch, run_time))
    }

    /// A failure without anything secret in what it says.
    pub(crate) fn redact(&self, mut problem: Problem) -> Problem {
        for secret in &self.secrets {
            if problem.detail.contains(secret.as_str()) {
                problem.detail = problem.detail.replace(secret.as_str(), "***");
            }
        }
        problem
    }
}

fn classes(users: &[UserClass]) -> Vec<ClassPlan> {
    let mut first_task = 0;
    let plan = |class: &UserClass| {
        let tasks = Weights::new(class.tasks.iter().map(|task| task.weight));
        let plan = ClassPlan { weight: class.weight, think: class.think.clone(), first_task, tasks };
        first_task += class.tasks.len();
        plan
    };
    users.iter().map(plan).collect()
}

/// An instant so far away that it cannot be said is one that nobody lives to see.
pub(crate) fn after(instant: Instant, duration: Duration) -> Instant {
    const CENTURY: Duration = Duration::from_secs(100 * 365 * 24 * 3600);
    instant.checked_add(duration).unwrap_or(instant + CENTURY)
}
