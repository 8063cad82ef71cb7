//! Other runs of a scenario: `[variant.NAME]`, asked for as `SCENARIO:NAME`. A variant has a load of its own, other
//! classes of users, or both.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;

use super::error::{Invalid, ScenarioProblem};
use super::load::Load;
use super::nearest::Suggestion;
use super::raw::{RawLoad, RawScenario};
use super::raw_criteria::RawLimits;
use super::user::UserClass;

/// A variant as it is written: what it leaves out is as in the scenario.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct RawVariant {
    /// What it is for, in a line.
    about: Option<String>,
    /// The user classes that take part.
    classes: Option<Vec<String>>,
    /// When requests start, and until when: all of it, nothing is as in the scenario.
    load: Option<RawLoad>,
    /// What has to hold: all of it, nothing is as in the scenario.
    thresholds: Option<BTreeMap<String, RawLimits>>,
}

/// Cuts `SCENARIO:VARIANT` apart.
pub(super) fn split(name: &str) -> (&str, Option<&str>) {
    match name.rsplit_once(':') {
        Some((scenario, variant)) if !scenario.is_empty() => (scenario, Some(variant)),
        _ => (name, None),
    }
}

/// Puts the variant of that name into its scenario; every other one is checked all the same.
pub(super) fn choose(mut raw: RawScenario, name: Option<&str>) -> Result<RawScenario, Invalid> {
    for (name, variant) in &raw.variant {
        let within = |invalid: Invalid| invalid.within(&format!("variant.{name}"));
        variant.load.as_ref().map_or(Ok(()), |load| Load::check(load).map(drop)).map_err(within)?;
        check_classes(variant.classes.as_deref(), &raw.user).map_err(within)?;
    }
    check_classes(raw.classes.as_deref(), &raw.user)?;
    let Some(name) = name else { return Ok(raw) };
    let Some(variant) = raw.variant.remove(name) else {
        let suggestion = Suggestion::of(name, raw.variant.keys().map(String::as_str));
        let problem = ScenarioProblem::UnknownValue { value: name.to_owned(), suggestion };
        return Err(Invalid::new("variant", problem));
    };
    raw.about = variant.about.or(raw.about);
    raw.classes = variant.classes.or(raw.classes);
    raw.load = variant.load.unwrap_or(raw.load);
    raw.thresholds = variant.thresholds.unwrap_or(raw.thresholds);
    Ok(raw)
}

fn check_classes<T>(classes: Option<&[String]>, known: &BTreeMap<String, T>) -> Result<(), Invalid> {
    let Some(classes) = classes else { return Ok(()) };
    if classes.is_empty() {
        let needed = "at least one class; without `classes` all of them take part";
        return Err(Invalid::new("classes", ScenarioProblem::Missing { needed }));
    }
    let unknown = classes.iter().enumerate().find(|(_, class)| !known.contains_key(*class));
    unknown.map_or(Ok(()), |(index, class)| {
        let suggestion = Suggestion::of(class, known.keys().map(String::as_str));
        let problem = ScenarioProblem::UnknownValue { value: class.clone(), suggestion };
        Err(Invalid::new(format!("classes[{index}]"), problem))
    })
}

/// The classes that take part.
pub(super) fn taking_part(users: Vec<UserClass>, classes: Option<&[String]>) -> Vec<UserClass> {
    match classes {
        None => users,
        Some(classes) => users.into_iter().filter(|user| classes.contains(&user.name)).collect(),
    }
}

/// The variants of a scenario, each with what it says of itself.
pub(super) fn listed(variants: &BTreeMap<String, RawVariant>) -> Vec<(String, String)> {
    variants.iter().map(|(name, variant)| (name.clone(), variant.about.clone().unwrap_or_default())).collect()
}
