//! Which agent a request is about, and whether it comes from that agent.

use std::sync::Arc;

use super::{
    agents::{AGENTS_MAX, Agent},
    key::AgentKey,
};
use crate::{
    api::{Call, Problem, problem::Kind},
    app::App,
};

const KEY_HEADER: &str = "x-api-key";

/// The agent of that id.
pub(super) fn agent(app: &App, id: &str) -> Result<Arc<Agent>, Problem> {
    app.agent_connector.agents.get(id).ok_or_else(|| {
        let message = format!(
            "the agent '{id}' is not registered (POST /api/agents/register; the last {AGENTS_MAX} are kept)"
        );
        Problem::new(Kind::NotFound, message)
    })
}

/// The agent that the path names.
pub(super) async fn named(call: &mut Call) -> Result<Arc<Agent>, Problem> {
    let id = call.name().await?;
    agent(&call.app, &id)
}

/// The agent that the path names, which has shown its key.
pub(super) async fn authorised(call: &mut Call) -> Result<Arc<Agent>, Problem> {
    let agent = named(call).await?;
    let unauthorised = |message: String| Err(Problem::new(Kind::InvalidKey, message));
    let Some(given) = call.parts.headers.get(KEY_HEADER) else {
        return unauthorised("the header X-API-Key is missing: the agent's key is needed".to_owned());
    };
    let given = given.to_str().ok().and_then(AgentKey::read);
    if given != Some(agent.key) {
        return unauthorised(format!("the key in X-API-Key is not that of the agent '{}'", agent.id));
    }
    Ok(agent)
}
