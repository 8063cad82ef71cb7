//! Reference systems: backends that teams load-test today, compatible with their tests.
//!
//! Each is a folder with one [`Backend`](weir_server::Backend), thin over the server's simulated LLM, chains and
//! admission. [`backends`] lists them.
//!
//! # Layout
//! The modules, lowest first: each refers to those before it only.
//! - `fields`: bounds of what requests may contain
//! - `chain_run`: runs and steps as JSON
//! - `chain_backend`: chains, plain and streamed, and connectors to models
//! - `agent_connector`: agents that query a database in SQL or natural language, GraphQL, baselines of load tests
//! - `agent_workflows`: tokens, agents, workflows of agents
//! - `prompt_service`: keys with hourly limits, and a cache before the model
//! - `observability`: workflows, and the overhead of observing them

mod agent_connector;
mod agent_workflows;
mod chain_backend;
mod chain_run;
mod fields;
mod observability;
mod prompt_service;
#[cfg(test)]
mod testing;

use weir_server::Backends;

pub use agent_connector::AgentConnector;
pub use agent_workflows::AgentWorkflows;
pub use chain_backend::ChainBackend;
pub use observability::Observability;
pub use prompt_service::PromptService;

/// Returns all reference systems.
pub fn backends() -> Backends {
    Backends::new()
        .with::<ChainBackend>()
        .with::<AgentConnector>()
        .with::<AgentWorkflows>()
        .with::<PromptService>()
        .with::<Observability>()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use weir_server::{Api, Methods};

    use super::*;

    fn assert_described<A: Api>() {
        let served: BTreeSet<String> = A::ENDPOINTS
            .iter()
            .map(|endpoint| A::route(*endpoint))
            .flat_map(|route| {
                let methods: &[&str] = match route.methods {
                    Methods::Get => &["GET"],
                    Methods::Post => &["POST"],
                    Methods::GetOrPost => &["GET", "POST"],
                    Methods::Delete => &["DELETE"],
                };
                methods.iter().map(move |method| format!("{method} {}", route.path))
            })
            .collect();
        let described: toml::Table = A::DESCRIPTION.operations.parse().unwrap();
        assert_eq!(served, described.keys().cloned().collect());
    }

    #[test]
    fn operations_match_the_routes_of_all_systems() {
        assert_described::<ChainBackend>();
        assert_described::<AgentConnector>();
        assert_described::<AgentWorkflows>();
        assert_described::<PromptService>();
        assert_described::<Observability>();
    }
}
