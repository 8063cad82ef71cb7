//! Who asks, and what.

use std::collections::{BTreeMap, BTreeSet};

use weir_pace::Latency;

use crate::task::Templates;

use super::error::{Invalid, ScenarioProblem};
use super::raw::RawUser;
use super::task::{TaskSpec, check_hook, check_task, weight};

/// The user classes of a scenario are at most this many.
const CLASSES_MAX: usize = 64;

/// The tasks of all its classes are at most this many: each is a series of histograms.
const TASKS_MAX: usize = 256;

/// Users who do the same things.
#[derive(Clone, Debug)]
pub(crate) struct UserClass {
    pub(crate) name: String,
    /// Its share of the users, against the other classes' weights.
    pub(crate) weight: u32,
    /// Between an answer and the next request, unless a task has it differently.
    pub(crate) think: Latency,
    pub(crate) tasks: Vec<TaskSpec>,
    /// What each user does once before its first task.
    pub(crate) on_start: Vec<TaskSpec>,
    /// What each user does once after its last task.
    pub(crate) on_stop: Vec<TaskSpec>,
}

impl UserClass {
    /// The tasks, then what is done once.
    pub(crate) fn all_tasks(&self) -> impl Iterator<Item = &TaskSpec> {
        self.tasks.iter().chain(&self.on_start).chain(&self.on_stop)
    }

    /// The mean time between an answer and the next request, over the tasks as their weights have it.
    pub(crate) fn think_mean_s(&self) -> f64 {
        let total: f64 = self.tasks.iter().map(|task| f64::from(task.weight)).sum();
        let weighted = self.tasks.iter().map(|task| {
            let think = task.think.as_ref().unwrap_or(&self.think);
            f64::from(task.weight) * think.mean().as_secs_f64()
        });
        weighted.sum::<f64>() / total.max(1.0)
    }

    /// Every think time, and every pause of a conversation, `factor` times as long.
    pub(super) fn scale_times(&mut self, factor: f64) {
        self.think = self.think.scaled(factor);
        for task in &mut self.tasks {
            let pause = task.session.as_mut().map(|session| &mut session.pause);
            for time in task.think.as_mut().into_iter().chain(pause) {
                *time = time.scaled(factor);
            }
        }
    }
}

/// Every task with its class, in the order that summaries have.
pub(super) fn tasks(users: &[UserClass]) -> impl Iterator<Item = (&UserClass, &TaskSpec)> {
    users.iter().flat_map(|class| class.all_tasks().map(move |task| (class, task)))
}

/// The names of all tasks in that order: a task's own where no other class has one of that name.
pub(super) fn task_names(users: &[UserClass]) -> Vec<String> {
    let mut counts = BTreeMap::<&str, usize>::new();
    for (_, task) in tasks(users) {
        *counts.entry(&task.name).or_default() += 1;
    }
    let name = |(class, task): (&UserClass, &TaskSpec)| {
        let is_unique = counts.get(task.name.as_str()) == Some(&1);
        if is_unique { task.name.clone() } else { format!("{}.{}", class.name, task.name) }
    };
    tasks(users).map(name).collect()
}

pub(super) fn check(
    raw: BTreeMap<String, RawUser>,
    templates: &mut Templates,
) -> Result<Vec<UserClass>, Invalid> {
    if raw.is_empty() {
        let needed = "at least one user class with a task ([[user.NAME.task]])";
        return Err(Invalid::new("user", ScenarioProblem::Missing { needed }));
    }
    if raw.len() > CLASSES_MAX {
        return Err(Invalid::range(
            "user",
            &raw.len(),
            format!("a number of classes of at most {CLASSES_MAX}"),
        ));
    }
    let tasks = raw.values().map(|class| class.task.len() + class.on_start.len() + class.on_stop.len());
    let tasks: usize = tasks.sum();
    if tasks > TASKS_MAX {
        return Err(Invalid::range(
            "user.*.task",
            &tasks,
            format!("a number of at most {TASKS_MAX} over all classes"),
        ));
    }
    raw.into_iter().map(|(name, class)| check_class(name, class, templates)).collect()
}

fn check_class(name: String, raw: RawUser, templates: &mut Templates) -> Result<UserClass, Invalid> {
    let key = format!("user.{name}");
    if raw.task.is_empty() {
        let needed = "a class needs a task ([[user.NAME.task]])";
        return Err(Invalid::new(format!("{key}.task"), ScenarioProblem::Missing { needed }));
    }
    templates.know(captured(&raw));
    let mut names = BTreeSet::new();
    let mut named = |key: String, task: TaskSpec| {
        if names.insert(task.name.clone()) {
            return Ok(task);
        }
        Err(Invalid::new(format!("{key}.name"), ScenarioProblem::Twice { name: task.name }))
    };
    let mut tasks = Vec::with_capacity(raw.task.len());
    for (index, task) in raw.task.into_iter().enumerate() {
        let key = format!("{key}.task[{index}]");
        let task = check_task(&key, task, templates)?;
        tasks.push(named(key, task)?);
    }
    let mut errands = |list: &str, raw: Vec<_>| {
        let errand = |(index, errand)| {
            let key = format!("{key}.{list}[{index}]");
            let errand = check_hook(&key, errand, templates)?;
            named(key, errand)
        };
        raw.into_iter().enumerate().map(errand).collect::<Result<Vec<_>, _>>()
    };
    let (on_start, on_stop) = (errands("on_start", raw.on_start)?, errands("on_stop", raw.on_stop)?);
    let weight = weight(raw.weight, &key)?;
    Ok(UserClass { name, weight, think: raw.think.unwrap_or(Latency::ZERO), tasks, on_start, on_stop })
}

/// The names that the users of a class capture values under.
fn captured(class: &RawUser) -> BTreeSet<String> {
    let of_tasks = class.task.iter().map(|task| &task.capture);
    let of_errands = class.on_start.iter().chain(&class.on_stop).map(|errand| &errand.capture);
    of_tasks.chain(of_errands).flat_map(BTreeMap::keys).cloned().collect()
}
