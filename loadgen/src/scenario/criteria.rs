//! The criteria of a run: thresholds, bands and goodput.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use super::error::{Invalid, ScenarioProblem};
use super::raw::{RawBounds, RawLimit, RawLimits, RawScenario};
use super::user::{UserClass, task_names};
use weir_pace::Suggestion;
use weir_results::{Band, RequestLimits, Rule, Scope, Threshold, Watch};

/// The default `after` of thresholds that may end a run: shares of the first few requests vary too much.
const ABORT_AFTER: Duration = Duration::from_secs(10);

/// The largest number of thresholds.
const THRESHOLDS_MAX: usize = 256;

/// The largest number of sets of limits: each is compared with each request.
const GOALS_MAX: usize = 16;

/// The threshold of scenarios without one.
const DEFAULT_THRESHOLD: &str = "errors < 100%";

/// The key of thresholds on all tasks together.
const ALL: &str = "all";

/// The criteria of a run.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Criteria {
    pub(crate) rules: Vec<Rule>,
    /// The bounds between grades.
    pub(crate) bands: Vec<Band>,
    /// The sets of limits, including those of rules and bands; the requests that meet each are counted.
    pub(crate) goals: Arc<[RequestLimits]>,
}

/// The criteria of a scenario as written.
#[derive(Debug)]
pub(super) struct RawCriteria<'a> {
    pub(super) thresholds: &'a BTreeMap<String, RawLimits>,
    /// Thresholds of a search: a level holds if all thresholds hold.
    pub(super) search: &'a [String],
    pub(super) goodput: &'a [String],
    pub(super) bands: Option<&'a BTreeMap<String, RawBounds>>,
}

impl<'a> RawCriteria<'a> {
    /// Returns the criteria of the scenario, without its variants.
    pub(super) fn of(raw: &'a RawScenario) -> Self {
        Self {
            thresholds: &raw.thresholds,
            search: raw.load.search_limits(),
            goodput: &raw.goodput,
            bands: raw.bands.as_ref(),
        }
    }
}

/// Thresholds and sets of limits from the command line.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct AddedCriteria<'a> {
    pub(super) thresholds: &'a [String],
    pub(super) abort_on: &'a [String],
    pub(super) goodput: &'a [String],
}

/// The names of tasks and classes, which a scope may refer to.
struct ScopeNames {
    tasks: Vec<String>,
    classes: Vec<String>,
}

impl Criteria {
    /// Checks the criteria of a scenario with these users.
    pub(super) fn check(raw: &RawCriteria<'_>, users: &[UserClass]) -> Result<Self, Invalid> {
        let names = ScopeNames::of(users);
        let mut rules = Vec::new();
        for (name, limits) in raw.thresholds {
            let key = format!("thresholds.{name}");
            let scope = names.scope(name).map_err(|problem| Invalid::new(&key, problem))?;
            let is_one = limits.0.len() == 1;
            for (index, limit) in limits.0.iter().enumerate() {
                let key = if is_one { key.clone() } else { format!("{key}[{index}]") };
                rules.push(rule(limit, &scope, &names, &key)?);
            }
        }
        for (index, text) in raw.search.iter().enumerate() {
            let threshold = threshold(text, &Scope::All, &names, &format!("load.search.limits[{index}]"))?;
            rules.push(Rule { threshold, watch: Watch::AtEnd });
        }
        let bands = match raw.bands {
            Some(bands) => check_bands(bands, &names)?,
            None => Vec::new(),
        };
        let goals =
            raw.goodput.iter().enumerate().map(|(index, text)| goal(text, format!("goodput[{index}]")));
        let goals = goals.collect::<Result<Vec<_>, _>>()?;
        Self { rules, bands, goals: Arc::default() }.with_goals(&goals, "thresholds")
    }

    /// Returns these criteria with those of the command line.
    pub(super) fn with(mut self, added: &AddedCriteria<'_>, users: &[UserClass]) -> Result<Self, Invalid> {
        let names = ScopeNames::of(users);
        let flags = [
            ("--threshold", added.thresholds, Watch::AtEnd),
            ("--abort-on", added.abort_on, Watch::Throughout { after: ABORT_AFTER }),
        ];
        for (flag, texts, watch) in flags {
            for text in texts {
                let threshold = threshold(text, &Scope::All, &names, flag)?;
                self.rules.push(Rule { threshold, watch });
            }
        }
        let goals = added.goodput.iter().map(|text| goal(text, "--goodput".to_owned()));
        let goals = goals.collect::<Result<Vec<_>, _>>()?;
        self.with_goals(&goals, "--threshold")
    }

    /// Returns the rules that a run is judged by: those of the scenario, or a default.
    pub(crate) fn judged_rules(&self) -> Cow<'_, [Rule]> {
        if !self.rules.is_empty() {
            return Cow::Borrowed(&self.rules);
        }
        let threshold = Threshold::parse(DEFAULT_THRESHOLD).ok();
        threshold.map(|threshold| Rule { threshold, watch: Watch::AtEnd }).into_iter().collect()
    }

    /// Adds these sets of limits, and those of the rules and bands, each once.
    fn with_goals(mut self, more: &[RequestLimits], key: &str) -> Result<Self, Invalid> {
        if self.rules.len() > THRESHOLDS_MAX {
            let expected = format!("at most {THRESHOLDS_MAX} thresholds");
            return Err(Invalid::range(key, &self.rules.len(), expected));
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
            let expected = format!("at most {GOALS_MAX} sets of limits, including those of thresholds");
            return Err(Invalid::range("goodput", &goals.len(), expected));
        }
        self.goals = goals.into();
        Ok(self)
    }
}

impl ScopeNames {
    fn of(users: &[UserClass]) -> Self {
        Self { tasks: task_names(users), classes: users.iter().map(|class| class.name.clone()).collect() }
    }

    /// Returns the scope of a key. If a task and a class have the same name, it is the task.
    fn scope(&self, key: &str) -> Result<Scope, ScenarioProblem> {
        let has = |names: &[String]| names.iter().any(|name| name == key);
        match key {
            ALL => Ok(Scope::All),
            _ if has(&self.tasks) => Ok(Scope::Task(key.to_owned())),
            _ if has(&self.classes) => Ok(Scope::Class(key.to_owned())),
            _ => {
                let known = self.tasks.iter().chain(&self.classes).map(String::as_str);
                Err(unknown("task or class", key, known.chain([ALL])))
            }
        }
    }

    fn check(&self, scope: &Scope) -> Result<(), ScenarioProblem> {
        let (what, name, known) = match scope {
            Scope::All => return Ok(()),
            Scope::Task(name) => ("task", name, &self.tasks),
            Scope::Class(name) => ("class", name, &self.classes),
        };
        if known.contains(name) { Ok(()) } else { Err(unknown(what, name, known.iter().map(String::as_str))) }
    }
}

fn unknown<'a>(what: &'static str, name: &str, known: impl Iterator<Item = &'a str>) -> ScenarioProblem {
    ScenarioProblem::UnknownName { what, name: name.to_owned(), suggestion: Suggestion::new(name, known) }
}

fn rule(raw: &RawLimit, scope: &Scope, names: &ScopeNames, key: &str) -> Result<Rule, Invalid> {
    let watch = match (raw.abort, raw.after) {
        (true, after) => Watch::Throughout { after: after.map_or(ABORT_AFTER, |span| span.0) },
        (false, None) => Watch::AtEnd,
        (false, Some(_)) => {
            let needed = "`abort = true`, without which `after` has no effect";
            return Err(Invalid::new(format!("{key}.after"), ScenarioProblem::Missing { needed }));
        }
    };
    Ok(Rule { threshold: threshold(&raw.limit, scope, names, key)?, watch })
}

/// Parses a threshold under the key of `scope`.
fn threshold(text: &str, scope: &Scope, names: &ScopeNames, key: &str) -> Result<Threshold, Invalid> {
    let conflict = |other, because| Err(Invalid::new(key, ScenarioProblem::Conflict { other, because }));
    let mut threshold = Threshold::parse(text).map_err(|error| Invalid::new(key, error))?;
    if *scope != Scope::All {
        if threshold.subject.scope != Scope::All {
            return conflict(
                "task(…) or class(…)",
                "the key is already a task or class; write it under `all`",
            );
        }
        if threshold.subject.measures_generator() {
            return conflict(
                "a task or class",
                "the figure is that of the load generator; write it under `all`",
            );
        }
        threshold.subject.scope = scope.clone();
    }
    names.check(&threshold.subject.scope).map_err(|problem| Invalid::new(key, problem))?;
    Ok(threshold)
}

fn check_bands(raw: &BTreeMap<String, RawBounds>, names: &ScopeNames) -> Result<Vec<Band>, Invalid> {
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
