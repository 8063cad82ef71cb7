//! Chains and models by the user's names.

use std::sync::Arc;

use anyhow::anyhow;
use weir_chains::{Catalog, Plan};
use weir_pace::Suggestion;

/// Returns the chain of that name.
///
/// # Errors
/// Fails if there is none, with the nearest name and all names.
pub(super) fn chain(chains: &Catalog, name: &str) -> anyhow::Result<Arc<Plan>> {
    chains.get(name).cloned().ok_or_else(|| {
        let hint = Suggestion::nearest(name, chains.names());
        let known: Vec<&str> = chains.names().collect();
        anyhow!("unknown chain `{name}`{hint}; known: {}", known.join(", "))
    })
}

/// Returns the error message of an unknown model.
pub(super) fn unknown_model(name: &str, models: &weir_model::Catalog) -> String {
    let hint = Suggestion::nearest(name, models.iter().map(|profile| &*profile.name));
    format!("unknown model `{name}`{hint}")
}
