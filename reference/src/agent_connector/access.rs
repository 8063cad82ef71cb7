//! Access control: the agent of a request, and its key.

use std::sync::Arc;

use super::state::AgentConnector;
use super::{
    agents::{AGENTS_MAX, Agent},
    key::AgentKey,
};
use weir_server::{Problem, ProblemKind, RequestContext};

const KEY_HEADER: &str = "x-api-key";

/// Returns the agent of that id.
pub(super) fn agent(system: &AgentConnector, id: &str) -> Result<Arc<Agent>, Problem> {
    system.agents.get(id).ok_or_else(|| {
        let message = format!(
            "the agent '{id}' is not registered (POST /api/agents/register; the last {AGENTS_MAX} are kept)"
        );
        Problem::new(ProblemKind::NotFound, message)
    })
}

/// Returns the agent named by the path.
pub(super) async fn named(system: &AgentConnector, call: &mut RequestContext) -> Result<Arc<Agent>, Problem> {
    let id = call.name().await?;
    agent(system, &id)
}

/// Returns the agent named by the path, if the request has its key.
pub(super) async fn authorised(
    system: &AgentConnector,
    call: &mut RequestContext,
) -> Result<Arc<Agent>, Problem> {
    let agent = named(system, call).await?;
    let unauthorised = |message: String| Err(Problem::new(ProblemKind::InvalidKey, message));
    let Some(given) = call.parts.headers.get(KEY_HEADER) else {
        return unauthorised("the header X-API-Key with the agent's key is missing".to_owned());
    };
    let given = given.to_str().ok().and_then(AgentKey::read);
    if given != Some(agent.key) {
        return unauthorised(format!("the key in X-API-Key is not that of the agent '{}'", agent.id));
    }
    Ok(agent)
}
