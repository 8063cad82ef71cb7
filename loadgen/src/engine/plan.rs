//! What every worker of a run knows, decided before the first of them starts.

use std::num::NonZeroUsize;
use std::ops::Range;
use std::sync::Arc;
use std::time::{Duration, Instant};

use weir_pace::{Latency, Seed};
use weir_wire::{ClientConfig, Target};

use crate::arrivals::Weights;
use crate::control::{Course, Helm};
use crate::record::{FailureKind, Problem};
use crate::request_log::RequestSink;
use crate::scenario::{Load, Pauses, Scenario, Session, UserClass};
use crate::task::{Captured, Captures, Check, Form, Prepared, RateLimiting, Reading, Templates};
use weir_results::RequestLimits;

use super::options::{RunError, RunOptions};

/// A scenario made ready to run.
#[derive(Debug)]
pub(crate) struct Plan {
    pub(crate) load: Load,
    pub(crate) classes: Vec<ClassPlan>,
    /// Of all classes; a task's place here is its number.
    pub(crate) tasks: Vec<TaskPlan>,
    pub(crate) templates: Arc<Templates>,
    /// Requests that keep these limits are counted.
    pub(crate) goals: Arc<[RequestLimits]>,
    pub(crate) target: Target,
    pub(crate) client: ClientConfig,
    pub(crate) seed: Seed,
    pub(crate) workers: NonZeroUsize,
    /// The instant that everything counts from.
    pub(crate) epoch: Instant,
    /// Where the load is going: the one thing that may change on the way.
    pub(crate) helm: Helm,
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
    /// The numbers of what is done once before the first task.
    pub(crate) on_start: Range<usize>,
    /// The numbers of what is done once after the last task.
    pub(crate) on_stop: Range<usize>,
}

/// What is sent, and what passes as its answer.
#[derive(Debug)]
pub(crate) struct TaskPlan {
    pub(crate) prepared: Prepared,
    pub(crate) reading: Reading,
    pub(crate) check: Check,
    pub(crate) captures: Captures,
    /// Where it is not as the class has it.
    pub(crate) think: Option<Latency>,
    pub(crate) rate_limiting: RateLimiting,
    pub(crate) session: Option<Session>,
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
                session: task.session.clone(),
            })
        });
        Ok(Self {
            load: scenario.load.clone(),
            tasks: tasks.collect::<Result<_, RunError>>()?,
            classes: classes(&scenario.users, scenario.load.start.pauses()),
            templates: Arc::clone(&scenario.templates),
            goals: Arc::clone(&scenario.criteria.goals),
            target: target.clone(),
            client: scenario.client.clone(),
            seed: options.seed,
            workers,
            epoch,
            helm: Helm::new(
                scenario.load.start.kind(),
                epoch,
                Course::new(epoch, scenario.load.start.shape().curve()),
            ),
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

    /// When the cool-down begins, if there is one.
    pub(crate) fn cool_from(&self) -> Option<Instant> {
        self.load.cool_from().map(|offset| after(self.epoch, offset))
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

impl TaskPlan {
    /// Whether the body has to be there as a whole, whatever it is read as.
    pub(super) fn looks_at_body(&self) -> bool {
        self.check.body_contains.is_some() || self.looks_at_json()
    }

    fn looks_at_json(&self) -> bool {
        !self.check.json.is_empty() || !self.captures.json.is_empty()
    }

    /// Checks the body, and takes what is captured of it.
    pub(super) fn look_at(&self, body: &[u8]) -> Result<Vec<Captured>, Problem> {
        self.check.body(body)?;
        if !self.looks_at_json() {
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

/// An instant so far away that it cannot be said is one that nobody lives to see.
pub(crate) fn after(instant: Instant, duration: Duration) -> Instant {
    const CENTURY: Duration = Duration::from_secs(100 * 365 * 24 * 3600);
    instant.checked_add(duration).unwrap_or(instant + CENTURY)
}
