//! Backends that teams load-test today, as their tests know them: thin over the same model, chains and admission.

pub(super) mod agent_connector;
pub(crate) mod agent_workflows;
pub(super) mod chain_backend;
mod fields;
pub(crate) mod observability;
pub(crate) mod prompt_service;
