//! A search for the highest load.

use crate::scenario::error::{Invalid, ScenarioProblem};
use crate::scenario::raw::{RawLoad, RawSearch};
use crate::scenario::search::{SearchOptions, SearchOptionsError};
use weir_pace::{SettingProblem, Suggestion};
use weir_results::SearchOver;

/// Checks the options of a search.
pub(super) fn check(raw: &RawSearch) -> Result<SearchOptions, Invalid> {
    let default = SearchOptions::default();
    let over = match raw.over.as_deref() {
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
        from: raw.from.unwrap_or(default.from),
        to: raw.to.unwrap_or(default.to),
        step: raw.step.unwrap_or(default.step),
        step_time: raw.step_time.map_or(default.step_time, |duration| duration.0),
        settle: raw.settle.map_or(default.settle, |duration| duration.0),
        precision: raw.precision.unwrap_or(default.precision),
        confirm: raw.confirm.unwrap_or(default.confirm),
        limits: raw.limits.clone(),
    };
    options.check()?;
    Ok(options)
}

impl From<SearchOptionsError> for Invalid {
    fn from(error: SearchOptionsError) -> Self {
        let SearchOptionsError { key, value, expected } = error;
        Self::new(key, ScenarioProblem::Range { value, expected })
    }
}

pub(super) fn refuse_others(raw: &RawLoad) -> Result<(), Invalid> {
    refuse_with_search([
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

/// Fails if one of these keys is given: a search sets the level and the length of the load.
pub(in crate::scenario) fn refuse_with_search<const N: usize>(
    keys: [(&'static str, bool); N],
) -> Result<(), Invalid> {
    match keys.into_iter().find(|(_, is_given)| *is_given) {
        None => Ok(()),
        Some((key, _)) => {
            let because = "a search sets the level and the length of the load";
            Err(Invalid::new(key, ScenarioProblem::Conflict { other: "search", because }))
        }
    }
}
