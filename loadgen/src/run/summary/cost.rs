//! The cost of a run, by the prices of its models.

use std::collections::BTreeSet;

use crate::record::Series;
use crate::scenario::{ModelPrice, Scenario, TaskSpec};
use weir_results::{ClassFigures, Figures, TaskFigures};

/// Sets the cost of each task whose model has a price, and of classes and all tasks.
pub(super) fn add(
    scenario: &Scenario,
    all: &mut Figures,
    classes: &mut [ClassFigures],
    tasks: &mut [TaskFigures],
) {
    for ((_, spec), task) in scenario.tasks().zip(tasks) {
        let Some(price) = price(scenario, spec) else { continue };
        let cost = price.cost_usd(task.figures.input_tokens, task.figures.output_tokens);
        task.figures.cost_usd = Some(cost);
        *all.cost_usd.get_or_insert_default() += cost;
        let class = classes.iter_mut().find(|class| class.name == task.class);
        if let Some(class) = class {
            *class.figures.cost_usd.get_or_insert_default() += cost;
        }
    }
}

/// Notes on parts of the run that the cost leaves out. `measured` and `tasks` are in the order of the scenario.
pub(super) fn notes(scenario: &Scenario, measured: &[Series], tasks: &[TaskFigures]) -> Vec<String> {
    if tasks.iter().all(|task| task.figures.cost_usd.is_none()) {
        return Vec::new();
    }
    let (mut unpriced, mut notes) = (BTreeSet::new(), Vec::new());
    for (((_, spec), series), task) in scenario.tasks().zip(measured).zip(tasks) {
        match (&spec.blueprint.model, task.figures.cost_usd) {
            (Some(model), None) => {
                unpriced.insert(model.as_str());
            }
            (_, Some(_)) if series.without_input_tokens() > 0 => notes.push(format!(
                "the cost of `{}` is too low: {} of its {} answers did not report their input tokens",
                task.name,
                series.without_input_tokens(),
                task.figures.completed
            )),
            _ => {}
        }
    }
    if !unpriced.is_empty() {
        let names = unpriced.into_iter().map(|model| format!("`{model}`")).collect::<Vec<_>>().join(", ");
        notes.push(format!("the cost leaves out {names}, for which there is no price"));
    }
    notes
}

fn price(scenario: &Scenario, task: &TaskSpec) -> Option<ModelPrice> {
    scenario.prices.of(task.blueprint.model.as_deref()?)
}
