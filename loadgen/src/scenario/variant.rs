//! Variants of a scenario: `[variant.NAME]`, selected with `SCENARIO:NAME`.

use std::collections::BTreeMap;

use super::criteria::{Criteria, RawCriteria};
use super::error::{Invalid, ScenarioProblem};
use super::load::Load;
use super::raw::{RawLoad, RawScenario, RawVariant};
use super::user::UserClass;
use weir_pace::{SettingProblem, Suggestion};

/// Splits `SCENARIO:VARIANT`.
pub(super) fn split(name: &str) -> (&str, Option<&str>) {
    match name.rsplit_once(':') {
        Some((scenario, variant)) if !scenario.is_empty() => (scenario, Some(variant)),
        _ => (name, None),
    }
}

/// Checks the loads and classes of the scenario and all variants, including those that are not selected.
pub(super) fn check(raw: &RawScenario) -> Result<(), Invalid> {
    Load::check(&raw.load)?;
    for (name, variant) in &raw.variant {
        let within = |invalid: Invalid| invalid.within(&format!("variant.{name}"));
        variant.load.as_ref().map_or(Ok(()), |load| Load::check(load).map(drop)).map_err(within)?;
        check_classes(variant.classes.as_deref(), &raw.user).map_err(within)?;
    }
    check_classes(raw.classes.as_deref(), &raw.user)
}

/// Checks the criteria of the scenario and all variants, including those that are not selected; `users` are all classes.
pub(super) fn check_criteria(raw: &RawScenario, users: &[UserClass]) -> Result<(), Invalid> {
    let check = |criteria: &RawCriteria<'_>, classes: Option<&[String]>| {
        Criteria::check(criteria, &taking_part(users.to_vec(), classes)).map(drop)
    };
    check(&RawCriteria::of(raw), raw.classes.as_deref())?;
    for (name, variant) in &raw.variant {
        let of_scenario = RawCriteria::of(raw);
        let criteria = RawCriteria {
            thresholds: variant.thresholds.as_ref().unwrap_or(of_scenario.thresholds),
            search: variant.load.as_ref().map_or(of_scenario.search, RawLoad::search_limits),
            ..of_scenario
        };
        let classes = variant.classes.as_deref().or(raw.classes.as_deref());
        check(&criteria, classes).map_err(|invalid| invalid.within(&format!("variant.{name}")))?;
    }
    Ok(())
}

/// Applies the variant of that name to the scenario.
pub(super) fn apply(mut raw: RawScenario, name: Option<&str>) -> Result<RawScenario, Invalid> {
    let Some(name) = name else { return Ok(raw) };
    let Some(variant) = raw.variant.remove(name) else {
        let suggestion = Suggestion::new(name, raw.variant.keys().map(String::as_str));
        let problem = SettingProblem::UnknownValue { value: name.to_owned(), suggestion };
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
        let needed = "at least one class; without `classes`, all of them take part";
        return Err(Invalid::new("classes", ScenarioProblem::Missing { needed }));
    }
    let unknown = classes.iter().enumerate().find(|(_, class)| !known.contains_key(*class));
    unknown.map_or(Ok(()), |(index, class)| {
        let suggestion = Suggestion::new(class, known.keys().map(String::as_str));
        let problem = SettingProblem::UnknownValue { value: class.clone(), suggestion };
        Err(Invalid::new(format!("classes[{index}]"), problem))
    })
}

/// Returns the classes that take part.
pub(super) fn taking_part(users: Vec<UserClass>, classes: Option<&[String]>) -> Vec<UserClass> {
    match classes {
        None => users,
        Some(classes) => users.into_iter().filter(|user| classes.contains(&user.name)).collect(),
    }
}

/// Returns the name and the description of each variant.
pub(super) fn descriptions(variants: &BTreeMap<String, RawVariant>) -> Vec<(String, String)> {
    variants.iter().map(|(name, variant)| (name.clone(), variant.about.clone().unwrap_or_default())).collect()
}
