//! Chains and models by the names that were typed.

use std::sync::Arc;

use anyhow::anyhow;
use weir_chains::{Catalog, Plan};
use weir_pace::Suggestion;

/// The chain of that name.
///
/// # Errors
/// When there is none: the name that is nearest, and all names.
pub(super) fn chain(chains: &Catalog, name: &str) -> anyhow::Result<Arc<Plan>> {
    chains.get(name).cloned().ok_or_else(|| {
        let hint = Suggestion::nearest(name, chains.names());
        let known: Vec<&str> = chains.names().collect();
        anyhow!("there is no chain `{name}`{hint}; known: {}", known.join(", "))
    })
}

/// What is said of a model that is not there.
pub(super) fn unknown_model(name: &str, models: &weir_model::Catalog) -> String {
    let hint = Suggestion::nearest(name, models.iter().map(|profile| &*profile.name));
    format!("there is no model `{name}`{hint}")
}
