//! What every worker of a run knows, fixed before the first of them starts.

use std::num::NonZeroUsize;
use std::ops::Range;
use std::sync::Arc;
use std::time::Instant;

use weir_pace::{Latency, Seed, instant_after};
use weir_wire::{ClientConfig, Request, Target};

use crate::record::{FailureKind, Problem};
use crate::redact::{Redaction, Redactor};
use crate::request_log::RequestSink;
use crate::scenario::{Load, Pauses, Scenario, Session, UserClass};
use crate::task::{Captured, Captures, Check, Form, Prepared, RateLimiting, Reading, RetryPolicy, Templates};
use weir_results::RequestLimits;

use super::control::{LoadController, LoadProfile, Now};
use super::options::{RunError, RunOptions};
use super::weights::Weights;

/// A scenario prepared for a run.
#[derive(Debug)]
pub(crate) struct Plan {
    pub(crate) load: Load,
    pub(crate) classes: Vec<ClassPlan>,
    /// The tasks of all classes; a task's index is its number.
    pub(crate) tasks: Vec<TaskPlan>,
    pub(crate) templates: Arc<Templates>,
    /// Sets of limits: the requests that meet each set are counted.
    pub(crate) goals: Arc<[RequestLimits]>,
    pub(crate) target: Target,
    pub(crate) client: ClientConfig,
    pub(crate) seed: Seed,
    pub(crate) workers: NonZeroUsize,
    /// The start of the run.
    pub(crate) epoch: Instant,
    /// The level of the load, which may change while the run goes on.
    pub(crate) controller: LoadController,
    /// Receives a row for each request.
    pub(crate) request_log: Option<RequestSink>,
    /// Removes the secrets of the scenario.
    redactor: Redactor,
}

/// A user class.
#[derive(Debug)]
pub(crate) struct ClassPlan {
    /// Its share of the users or arrivals.
    pub(crate) weight: u32,
    pub(crate) think: Latency,
    /// The number of its first task.
    pub(crate) first_task: usize,
    pub(crate) tasks: Weights,
    /// The numbers of the tasks that each user performs once at its start.
    pub(crate) on_start: Range<usize>,
    /// The numbers of the tasks that each user performs once at its end.
    pub(crate) on_stop: Range<usize>,
}

/// A task: its request, and how its answer is read and checked.
#[derive(Debug)]
pub(crate) struct TaskPlan {
    pub(crate) prepared: Prepared,
    pub(crate) reading: Reading,
    pub(crate) check: Check,
    pub(crate) captures: Captures,
    /// The think time after this task, if it differs from the class's.
    pub(crate) think: Option<Latency>,
    pub(crate) rate_limiting: RateLimiting,
    /// When a failed request is attempted again.
    pub(crate) retry: Option<RetryPolicy>,
    pub(crate) session: Option<Session>,
}

impl Plan {
    pub(super) fn new(
        scenario: &Scenario,
        target: &Target,
        options: RunOptions,
        workers: NonZeroUsize,
        epoch: Instant,
        now: Now,
    ) -> Result<Self, RunError> {
        let tasks = scenario.tasks().map(|(_, task)| {
            let headers = scenario.headers_with(task.blueprint.auth);
            let form = if task.session.is_some() { Form::Turns } else { Form::Single };
            let prepared = Prepared::new(&task.blueprint, target, headers, form)
                .map_err(|source| RunError::Path { task: task.name.clone(), source })?;
            Ok(TaskPlan {
                prepared,
                reading: task.blueprint.reading.clone(),
                check: task.check.clone(),
                captures: task.captures.clone(),
                think: task.think.clone().filter(|_| scenario.load.start.pauses() == Pauses::Think),
                rate_limiting: task.rate_limiting,
                retry: task.retry.clone(),
                session: task.session.clone(),
            })
        });
        let tasks = tasks.collect::<Result<Vec<TaskPlan>, RunError>>()?;
        let secrets = tasks.iter().flat_map(|task| task.prepared.secrets());
        Ok(Self {
            load: scenario.load.clone(),
            redactor: Redactor::new(secrets.chain(scenario.secrets.iter().cloned())),
            tasks,
            classes: classes(&scenario.users, scenario.load.start.pauses()),
            templates: Arc::clone(&scenario.templates),
            goals: Arc::clone(&scenario.criteria.goals),
            target: target.clone(),
            client: scenario.client.clone(),
            seed: options.seed,
            workers,
            epoch,
            controller: LoadController::new(
                scenario.load.start.kind(),
                epoch,
                LoadProfile::new(epoch, scenario.load.start.shape().curve()),
                now,
            ),
            request_log: options.request_log,
        })
    }

    /// The end of the warm-up.
    pub(crate) fn warm_until(&self) -> Instant {
        instant_after(self.epoch, self.load.warm_up)
    }

    /// The instant from which no request may start.
    pub(crate) fn end(&self) -> Option<Instant> {
        self.load.run_time.map(|run_time| instant_after(self.epoch, run_time))
    }

    /// The start of the cool-down, if there is one.
    pub(crate) fn cool_from(&self) -> Option<Instant> {
        self.load.cool_from().map(|offset| instant_after(self.epoch, offset))
    }

    /// Returns what removes the secrets of the scenario and of `request`, a request of `task`, from the text of its failure.
    pub(crate) fn redaction<'a>(&'a self, task: &TaskPlan, request: Option<&'a Request>) -> Redaction<'a> {
        Redaction::new(&self.redactor, request.filter(|_| task.prepared.is_rendered()))
    }
}

impl TaskPlan {
    /// Whether a check or capture needs the whole body.
    pub(super) fn needs_body(&self) -> bool {
        self.check.body_contains.is_some() || self.needs_json()
    }

    fn needs_json(&self) -> bool {
        !self.check.json.is_empty() || !self.captures.json.is_empty()
    }

    /// Checks the body, and returns the values captured from it.
    pub(super) fn check_body(&self, body: &[u8]) -> Result<Vec<Captured>, Problem> {
        self.check.body(body)?;
        if !self.needs_json() {
            return Ok(Vec::new());
        }
        let document = serde_json::from_slice(body).map_err(|error| {
            Problem::new(
                FailureKind::Check,
                format!("the body is not JSON, which a check or capture needs: {error}"),
            )
        })?;
        self.check.document(&document)?;
        self.captures.of_body(&document)
    }
}

fn classes(users: &[UserClass], pauses: Pauses) -> Vec<ClassPlan> {
    let mut first_task = 0;
    let plan = |class: &UserClass| {
        let tasks = Weights::new(class.tasks.iter().map(|task| task.weight));
        let start_at = first_task + class.tasks.len();
        let stop_at = start_at + class.on_start.len();
        let end = stop_at + class.on_stop.len();
        let think = match pauses {
            Pauses::Think => class.think.clone(),
            Pauses::None => Latency::ZERO,
        };
        let weight = class.weight;
        let (on_start, on_stop) = (start_at..stop_at, stop_at..end);
        let plan = ClassPlan { weight, think, first_task, tasks, on_start, on_stop };
        first_task = end;
        plan
    };
    users.iter().map(plan).collect()
}
