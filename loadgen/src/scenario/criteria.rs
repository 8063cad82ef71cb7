//! What a run is judged by.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use super::error::{Invalid, ScenarioProblem};
use super::raw::{RawBounds, RawLimit, RawLimits, RawScenario};
use super::user::{UserClass, task_names};
use crate::task::{PlainKind, Reading};
use weir_pace::Suggestion;
use weir_results::{Band, RequestLimits, Rule, Scope, Threshold, Watch, Workload, default_bands};

/// A threshold may end a run from so far into its measured window on, unless it says otherwise: the first answers are
/// few, and their shares jump.
const ABORT_AFTER: Duration = Duration::from_secs(10);

/// More thresholds than this nobody reads.
const THRESHOLDS_MAX: usize = 256;

/// Sets of limits that are counted: each is compared with each request.
const GOALS_MAX: usize = 16;

/// The key for what holds of all tasks together.
const ALL: &str = "all";

/// What a run is judged by.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Criteria {
    pub(crate) rules: Vec<Rule>,
    /// What it is rated by.
    pub(crate) bands: Vec<Band>,
    /// Sets of limits; the requests that keep them are counted. Those of rules and bands are among them.
    pub(crate) goals: Arc<[RequestLimits]>,
}

/// What a scenario says of it.
#[derive(Debug)]
pub(super) struct RawCriteria<'a> {
    pub(super) thresholds: &'a BTreeMap<String, RawLimits>,
    /// Thresholds of a search: a level holds when all thresholds do.
    pub(super) search: &'a [String],
    pub(super) goodput: &'a [String],
    pub(super) bands: Option<&'a BTreeMap<String, RawBounds>>,
}

impl<'a> RawCriteria<'a> {
    /// What stands in the scenario, its variants aside.
    pub(super) fn of(raw: &'a RawScenario) -> Self {
        Self {
            thresholds: &raw.thresholds,
            search: raw.load.search_limits(),
            goodput: &raw.goodput,
            bands: raw.bands.as_ref(),
        }
    }
}

/// Thresholds and sets of limits of the command line.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct MoreCriteria<'a> {
    pub(super) thresholds: &'a [String],
    pub(super) abort_on: &'a [String],
    pub(super) goodput: &'a [String],
}

/// The kind of work that decides by which bands these users' run is rated.
fn workload(users: &[UserClass]) -> Workload {
    let tasks = users.iter().flat_map(|class| &class.tasks);
    let workloads = tasks.map(|task| match &task.blueprint.reading {
        Reading::Opaque | Reading::Plain(PlainKind::Embeddings) => Workload::Requests,
        Reading::Plain(_) => Workload::Generations,
        Reading::Stream(_) => Workload::Streams,
    });
    workloads.max().unwrap_or(Workload::Requests)
}

/// The names that a scope can have.
struct Names {
    tasks: Vec<String>,
    classes: Vec<String>,
}

impl Criteria {
    /// Checks what a scenario with these users says.
    pub(super) fn check(raw: &RawCriteria<'_>, users: &[UserClass]) -> Result<Self, Invalid> {
        let names = Names::of(users);
        let mut rules = Vec::new();
        for (name, limits) in raw.thresholds {
            let key = format!("thresholds.{name}");
            let scope = names.scope(name).map_err(|problem| Invalid::new(&key, problem))?;
            let is_one = limits.0.len() == 1;
            for (place, limit) in limits.0.iter().enumerate() {
                let key = if is_one { key.clone() } else { format!("{key}[{place}]") };
                rules.push(rule(limit, &scope, &names, &key)?);
            }
        }
        for (place, text) in raw.search.iter().enumerate() {
            let threshold = threshold(text, &Scope::All, &names, &format!("load.search.limits[{place}]"))?;
            rules.push(Rule { threshold, watch: Watch::AtEnd });
        }
        let bands = match raw.bands {
            Some(bands) => check_bands(bands, &names)?,
            None => default_bands(workload(users)),
        };
        let goals =
            raw.goodput.iter().enumerate().map(|(place, text)| goal(text, format!("goodput[{place}]")));
        let goals = goals.collect::<Result<Vec<_>, _>>()?;
        Self { rules, bands, goals: Arc::default() }.counting(&goals, "thresholds")
    }

    /// The same with what the command line adds.
    pub(super) fn with(mut self, more: &MoreCriteria<'_>, users: &[UserClass]) -> Result<Self, Invalid> {
        let names = Names::of(users);
        let flags = [
            ("--threshold", more.thresholds, Watch::AtEnd),
            ("--abort-on", more.abort_on, Watch::Throughout { after: ABORT_AFTER }),
        ];
        for (flag, texts, watch) in flags {
            for text in texts {
                let threshold = threshold(text, &Scope::All, &names, flag)?;
                self.rules.push(Rule { threshold, watch });
            }
        }
        let goals = more.goodput.iter().map(|text| goal(text, "--goodput".to_owned()));
        let goals = goals.collect::<Result<Vec<_>, _>>()?;
        self.counting(&goals, "--threshold")
    }

    /// Counts these sets of limits beside those that it has and those of its rules and bands, each once.
    fn counting(mut self, more: &[RequestLimits], key: &str) -> Result<Self, Invalid> {
        if self.rules.len() > THRESHOLDS_MAX {
            let needed = format!("a number of thresholds of at most {THRESHOLDS_MAX}");
            return Err(Invalid::range(key, &self.rules.len(), needed));
        }
        let of_rules = self.rules.iter().filter_map(|rule| rule.threshold.subject.goal());
        let of_bands = self.bands.iter().filter_map(|band| band.subject().goal());
        let mut goals: Vec<RequestLimits> = self.goals.to_vec();
        for goal in more.iter().chain(of_rules).chain(of_bands) {
            if !goals.contains(goal) {
                goals.push(goal.clone());
            }
        }
        if goals.len() > GOALS_MAX {
            let needed = format!("a number of sets of limits of at most {GOALS_MAX}, thresholds included");
            return Err(Invalid::range("goodput", &goals.len(), needed));
        }
        self.goals = goals.into();
        Ok(self)
    }
}

impl Names {
    fn of(users: &[UserClass]) -> Self {
        Self { tasks: task_names(users), classes: users.iter().map(|class| class.name.clone()).collect() }
    }

    /// Who is meant by a key: where a task and a class have one name, the task.
    fn scope(&self, key: &str) -> Result<Scope, ScenarioProblem> {
        let has = |names: &[String]| names.iter().any(|name| name == key);
        match key {
            ALL => Ok(Scope::All),
            _ if has(&self.tasks) => Ok(Scope::Task(key.to_owned())),
            _ if has(&self.classes) => Ok(Scope::Class(key.to_owned())),
            _ => {
                let known = self.tasks.iter().chain(&self.classes).map(String::as_str);
                Err(nobody("task or class", key, known.chain([ALL])))
            }
        }
    }

    fn check(&self, scope: &Scope) -> Result<(), ScenarioProblem> {
        let (what, name, known) = match scope {
            Scope::All => return Ok(()),
            Scope::Task(name) => ("task", name, &self.tasks),
            Scope::Class(name) => ("class", name, &self.classes),
        };
        if known.contains(name) { Ok(()) } else { Err(nobody(what, name, known.iter().map(String::as_str))) }
    }
}

fn nobody<'a>(what: &'static str, name: &str, known: impl Iterator<Item = &'a str>) -> ScenarioProblem {
    ScenarioProblem::Nobody { what, name: name.to_owned(), suggestion: Suggestion::new(name, known) }
}

fn rule(raw: &RawLimit, scope: &Scope, names: &Names, key: &str) -> Result<Rule, Invalid> {
    let watch = match (raw.abort, raw.after) {
        (true, after) => Watch::Throughout { after: after.map_or(ABORT_AFTER, |span| span.0) },
        (false, None) => Watch::AtEnd,
        (false, Some(_)) => {
            let needed = "`abort = true`: only a threshold that ends the run waits";
            return Err(Invalid::new(format!("{key}.after"), ScenarioProblem::Missing { needed }));
        }
    };
    Ok(Rule { threshold: threshold(&raw.limit, scope, names, key)?, watch })
}

/// A threshold under the key of `scope`.
fn threshold(text: &str, scope: &Scope, names: &Names, key: &str) -> Result<Threshold, Invalid> {
    let conflict = |other, because| Err(Invalid::new(key, ScenarioProblem::Conflict { other, because }));
    let mut threshold = Threshold::parse(text).map_err(|error| Invalid::new(key, error))?;
    if *scope != Scope::All {
        if threshold.subject.scope != Scope::All {
            return conflict(
                "task(…) or class(…)",
                "the key says of whom the figure is; write it under `all`",
            );
        }
        if threshold.subject.measures_generator() {
            return conflict("a task or class", "the figure is the generator's own; write it under `all`");
        }
        threshold.subject.scope = scope.clone();
    }
    names.check(&threshold.subject.scope).map_err(|problem| Invalid::new(key, problem))?;
    Ok(threshold)
}

fn check_bands(raw: &BTreeMap<String, RawBounds>, names: &Names) -> Result<Vec<Band>, Invalid> {
    let check = |(figure, bounds): (&String, &RawBounds)| {
        let key = format!("bands.\"{figure}\"");
        let band = Band::parse(figure, &bounds.0).map_err(|error| Invalid::new(&key, error))?;
        names.check(&band.subject().scope).map_err(|problem| Invalid::new(&key, problem))?;
        Ok(band)
    };
    raw.iter().map(check).collect()
}

fn goal(text: &str, key: String) -> Result<RequestLimits, Invalid> {
    RequestLimits::parse(text).map_err(|error| Invalid::new(key, error))
}
