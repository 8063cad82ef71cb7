//! A search for the highest load, as a scenario has it.

use schemars::JsonSchema;
use serde::Deserialize;

use crate::scenario::error::{Invalid, ScenarioProblem};
use crate::scenario::raw::{RawLoad, Span};
use crate::scenario::schema;
use crate::scenario::search::{SearchOptions, SearchOptionsError};
use weir_pace::{SettingProblem, Suggestion};
use weir_results::SearchOver;

/// A search for the highest load that keeps its limits: raised until one fails, halved in between, confirmed.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::scenario) struct RawSearch {
    /// What is raised: `users` (default) or `rate`.
    over: Option<String>,
    /// The first level: users, or arrivals per second (10).
    from: Option<f64>,
    /// The highest level that is tried (1000).
    to: Option<f64>,
    /// Each level is so many times the one before, until a limit fails (2).
    step: Option<f64>,
    /// How long each level is measured (20s).
    #[schemars(with = "Option<schema::Span>")]
    step_time: Option<Span>,
    /// How long each level is kept before it is measured (5s).
    #[schemars(with = "Option<schema::Span>")]
    settle: Option<Span>,
    /// How near the highest level that holds comes to the lowest that fails, as a share of it (0.05).
    precision: Option<f64>,
    /// How often the highest level has to hold once more (2).
    confirm: Option<u32>,
    /// What has to hold: thresholds, beside those of the scenario.
    #[serde(default)]
    pub(in crate::scenario) limits: Vec<String>,
}

impl RawSearch {
    pub(super) fn check(&self) -> Result<SearchOptions, Invalid> {
        let default = SearchOptions::default();
        let over = match self.over.as_deref() {
            None | Some("users") => SearchOver::Users,
            Some("rate") => SearchOver::Rate,
            Some(other) => {
                let suggestion = Suggestion::new(other, ["users", "rate"]);
                let problem = SettingProblem::UnknownValue { value: other.to_owned(), suggestion };
                return Err(Invalid::new("over", problem));
            }
        };
        let options = SearchOptions {
            over,
            from: self.from.unwrap_or(default.from),
            to: self.to.unwrap_or(default.to),
            step: self.step.unwrap_or(default.step),
            step_time: self.step_time.map_or(default.step_time, |span| span.0),
            settle: self.settle.map_or(default.settle, |span| span.0),
            precision: self.precision.unwrap_or(default.precision),
            confirm: self.confirm.unwrap_or(default.confirm),
            limits: self.limits.clone(),
        };
        options.check()?;
        Ok(options)
    }
}

impl From<SearchOptionsError> for Invalid {
    fn from(error: SearchOptionsError) -> Self {
        let SearchOptionsError { key, value, needed } = error;
        Self::new(key, ScenarioProblem::Range { value, needed })
    }
}

pub(super) fn refuse_others(raw: &RawLoad) -> Result<(), Invalid> {
    refuse_beside_search([
        ("users", raw.users.is_some()),
        ("concurrency", raw.concurrency.is_some()),
        ("spawn_rate", raw.spawn_rate.is_some()),
        ("rate", raw.rate.is_some()),
        ("stages", raw.stages.is_some()),
        ("requests", raw.requests.is_some()),
        ("run_time", raw.run_time.is_some()),
        ("warm_up", raw.warm_up.is_some()),
        ("cool_down", raw.cool_down.is_some()),
    ])
}

/// A search takes the place of everything that says how much load there is, and how long: these, where they are given.
pub(in crate::scenario) fn refuse_beside_search<const N: usize>(
    keys: [(&'static str, bool); N],
) -> Result<(), Invalid> {
    match keys.into_iter().find(|(_, is_given)| *is_given) {
        None => Ok(()),
        Some((key, _)) => {
            let because = "a search says itself how much load there is, and how long";
            Err(Invalid::new(key, ScenarioProblem::Conflict { other: "search", because }))
        }
    }
}
