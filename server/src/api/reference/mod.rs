//! Backends that teams load-test today, as their tests know them: thin over the same model, chains and admission.

pub(super) mod agent_connector;
pub(super) mod chain_backend;
