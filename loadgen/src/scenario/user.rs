//! Checks user classes.

use std::collections::{BTreeMap, BTreeSet};

use weir_pace::Latency;

use crate::task::Templates;

use super::error::{Invalid, ScenarioProblem};
use super::raw::RawUser;
use super::task::{TaskSpec, check_hook, check_task, weight};

/// The largest number of user classes.
const CLASSES_MAX: usize = 64;

/// The largest number of tasks of all classes: each has a set of histograms.
const TASKS_MAX: usize = 256;

/// A class of users who do the same tasks.
#[derive(Clone, Debug)]
pub(crate) struct UserClass {
    pub(crate) name: String,
    /// The weight that decides its share of the users.
    pub(crate) weight: u32,
    /// The think time between a response and the next request, unless a task has another one.
    pub(crate) think: Latency,
    pub(crate) tasks: Vec<TaskSpec>,
    /// The requests that each user makes once, before its first task.
    pub(crate) on_start: Vec<TaskSpec>,
    /// The requests that each user makes once, after its last task.
    pub(crate) on_stop: Vec<TaskSpec>,
}

impl UserClass {
    /// Returns the tasks and then the hooks.
    pub(crate) fn all_tasks(&self) -> impl Iterator<Item = &TaskSpec> {
        self.tasks.iter().chain(&self.on_start).chain(&self.on_stop)
    }

    /// Returns the mean think time over the tasks by their weights.
    pub(crate) fn think_mean_s(&self) -> f64 {
        let total: f64 = self.tasks.iter().map(|task| f64::from(task.weight)).sum();
        let weighted = self.tasks.iter().map(|task| {
            let think = task.think.as_ref().unwrap_or(&self.think);
            f64::from(task.weight) * think.mean().as_secs_f64()
        });
        weighted.sum::<f64>() / total.max(1.0)
    }

    /// Multiplies every think time and every pause of a conversation.
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

/// Returns every task with its class, in the order of summaries.
pub(super) fn tasks(users: &[UserClass]) -> impl Iterator<Item = (&UserClass, &TaskSpec)> {
    users.iter().flat_map(|class| class.all_tasks().map(move |task| (class, task)))
}

/// Returns the names of all tasks in that order, with the class if the name is not unique.
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
        return Err(Invalid::range("user", &raw.len(), format!("at most {CLASSES_MAX} classes")));
    }
    let tasks = raw.values().map(|class| class.task.len() + class.on_start.len() + class.on_stop.len());
    let tasks: usize = tasks.sum();
    if tasks > TASKS_MAX {
        return Err(Invalid::range(
            "user.*.task",
            &tasks,
            format!("at most {TASKS_MAX} tasks of all classes"),
        ));
    }
    raw.into_iter().map(|(name, class)| check_class(name, class, templates)).collect()
}

fn check_class(name: String, raw: RawUser, templates: &mut Templates) -> Result<UserClass, Invalid> {
    let key = format!("user.{}", weir_pace::quote_key(&name));
    if raw.task.is_empty() {
        let needed = "at least one task ([[user.NAME.task]])";
        return Err(Invalid::new(format!("{key}.task"), ScenarioProblem::Missing { needed }));
    }
    templates.set_captures(captured(&raw));
    let mut names = BTreeSet::new();
    let mut unique = |key: String, task: TaskSpec| {
        if names.insert(task.name.clone()) {
            return Ok(task);
        }
        Err(Invalid::new(format!("{key}.name"), ScenarioProblem::DuplicateName { name: task.name }))
    };
    let mut tasks = Vec::with_capacity(raw.task.len());
    for (index, task) in raw.task.into_iter().enumerate() {
        let key = format!("{key}.task[{index}]");
        let task = check_task(&key, task, templates)?;
        tasks.push(unique(key, task)?);
    }
    let mut hooks = |list: &str, raw: Vec<_>| {
        let hook = |(index, hook)| {
            let key = format!("{key}.{list}[{index}]");
            let hook = check_hook(&key, hook, templates)?;
            unique(key, hook)
        };
        raw.into_iter().enumerate().map(hook).collect::<Result<Vec<_>, _>>()
    };
    let (on_start, on_stop) = (hooks("on_start", raw.on_start)?, hooks("on_stop", raw.on_stop)?);
    let weight = weight(raw.weight, &key)?;
    Ok(UserClass { name, weight, think: raw.think.unwrap_or(Latency::ZERO), tasks, on_start, on_stop })
}

/// Returns the names of the captured values of a class.
fn captured(class: &RawUser) -> BTreeSet<String> {
    let of_tasks = class.task.iter().map(|task| &task.capture);
    let of_hooks = class.on_start.iter().chain(&class.on_stop).map(|hook| &hook.capture);
    of_tasks.chain(of_hooks).flat_map(BTreeMap::keys).cloned().collect()
}
