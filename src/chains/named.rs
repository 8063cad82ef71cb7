//! Chains and models by the names that were typed.

use std::sync::Arc;

use anyhow::anyhow;
use weir_chains::{Catalog, Plan};

/// The chain of that name.
///
/// # Errors
/// When there is none: the name that is nearest, and all names.
pub(super) fn chain(chains: &Catalog, name: &str) -> anyhow::Result<Arc<Plan>> {
    chains.get(name).cloned().ok_or_else(|| {
        let hint = did_you_mean(name, chains.names());
        let known: Vec<&str> = chains.names().collect();
        anyhow!("there is no chain `{name}`{hint}; known: {}", known.join(", "))
    })
}

/// What is said of a model that is not there.
pub(super) fn unknown_model(name: &str, models: &weir_model::Catalog) -> String {
    let hint = did_you_mean(name, models.iter().map(|profile| &*profile.name));
    format!("there is no model `{name}`{hint}")
}

fn did_you_mean<'k>(name: &str, known: impl Iterator<Item = &'k str>) -> String {
    weir_pace::nearest(name, known).map_or_else(String::new, |near| format!(" (did you mean `{near}`?)"))
}
