//! Who asks, and what.

use std::collections::{BTreeMap, BTreeSet};

use weir_pace::{Amount, Latency};

use crate::task::{Blueprint, Body, Check, RateLimiting, Reading, Statuses, Templates};

use super::error::{Invalid, ScenarioProblem};
use super::raw::{RawCheck, RawTask, RawUser};
use super::request;

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
    /// Between an answer and the next request.
    pub(crate) think: Latency,
    pub(crate) tasks: Vec<TaskSpec>,
}

/// One thing that a user does.
#[derive(Clone, Debug)]
pub(crate) struct TaskSpec {
    pub(crate) name: String,
    /// How often, against the other tasks' weights.
    pub(crate) weight: u32,
    pub(crate) blueprint: Blueprint,
    pub(crate) check: Check,
    pub(crate) rate_limiting: RateLimiting,
    /// Where its requests are turns of conversations.
    pub(crate) session: Option<Session>,
}

/// A conversation that a user has: so many requests one after the other, each with all that was said before.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Session {
    pub(crate) turns: Amount,
    /// Between an answer and the next turn.
    pub(crate) pause: Latency,
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
    let tasks: usize = raw.values().map(|class| class.task.len()).sum();
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
    let mut names = BTreeSet::new();
    let mut tasks = Vec::with_capacity(raw.task.len());
    for (index, task) in raw.task.into_iter().enumerate() {
        let task = check_task(&format!("{key}.task[{index}]"), task, templates)?;
        if !names.insert(task.name.clone()) {
            let problem = ScenarioProblem::Twice { name: task.name };
            return Err(Invalid::new(format!("{key}.task[{index}].name"), problem));
        }
        tasks.push(task);
    }
    let weight = weight(raw.weight, &key)?;
    Ok(UserClass { name, weight, think: raw.think.unwrap_or(Latency::ZERO), tasks })
}

fn check_task(key: &str, raw: RawTask, templates: &mut Templates) -> Result<TaskSpec, Invalid> {
    let request = request::check(raw.request, &format!("{key}.request"), templates)?;
    let check = check_checks(raw.check, &request.blueprint.reading).map_err(|invalid| invalid.within(key))?;
    let session =
        check_session(raw.turns, raw.pause, &request.blueprint).map_err(|invalid| invalid.within(key))?;
    Ok(TaskSpec {
        name: raw.name.unwrap_or(request.title),
        weight: weight(raw.weight, key)?,
        blueprint: request.blueprint,
        check,
        rate_limiting: if raw.expect_429 { RateLimiting::Expected } else { RateLimiting::Failure },
        session,
    })
}

fn check_session(
    turns: Option<Amount>,
    pause: Option<Latency>,
    blueprint: &Blueprint,
) -> Result<Option<Session>, Invalid> {
    let Some(turns) = turns else {
        let needed = "`turns` (turns = 5): a pause stands between the turns of a conversation";
        let without_turns = |_| Err(Invalid::new("turns", ScenarioProblem::Missing { needed }));
        return pause.map_or(Ok(None), without_turns);
    };
    if turns.fixed() == Some(0) {
        return Err(Invalid::range("turns", &0, "a number of 1 or more"));
    }
    if !blueprint.body.as_ref().is_some_and(Body::can_converse) {
        let because = "a conversation is made of a `prompt` or `prompt_tokens`, \
                       by openai.chat, openai.responses or anthropic.messages";
        return Err(Invalid::new("turns", ScenarioProblem::Conflict { other: "request", because }));
    }
    Ok(Some(Session { turns, pause: pause.unwrap_or(Latency::ZERO) }))
}

fn weight(weight: Option<u32>, key: &str) -> Result<u32, Invalid> {
    match weight {
        None => Ok(1),
        Some(0) => Err(Invalid::range(format!("{key}.weight"), &0, "a number of 1 or more")),
        Some(weight) => Ok(weight),
    }
}

fn check_checks(raw: RawCheck, reading: &Reading) -> Result<Check, Invalid> {
    if raw.body_contains.is_some() && matches!(reading, Reading::Stream(_)) {
        let because = "a stream is read as it comes and not kept";
        let problem = ScenarioProblem::Conflict { other: "request.stream", because };
        return Err(Invalid::new("check.body_contains", problem));
    }
    let statuses = raw.status.0.into_iter().map(status).collect::<Result<Vec<_>, _>>()?;
    Ok(Check {
        statuses: if statuses.is_empty() { Statuses::Success } else { Statuses::Listed(statuses) },
        body_contains: raw.body_contains,
        over: raw.over.map(|span| span.0),
    })
}

fn status(status: i64) -> Result<u16, Invalid> {
    u16::try_from(status)
        .ok()
        .filter(|status| (200..600).contains(status))
        .ok_or_else(|| Invalid::range("check.status", &status, "a final HTTP status (200 to 599)"))
}
