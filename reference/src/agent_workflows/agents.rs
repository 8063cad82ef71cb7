//! The agents.

use axum::response::Response;
use serde_json::{Value, json};

use weir_server::{Problem, ProblemKind, RequestContext, json_answer};

/// An agent.
#[derive(Debug)]
pub(super) struct Agent {
    pub(super) id: &'static str,
    pub(super) name: &'static str,
    about: &'static str,
    capabilities: [&'static str; 3],
}

const AGENTS: [Agent; 5] = [
    Agent {
        id: "coder",
        name: "Coder",
        about: "Writes and changes code",
        capabilities: ["implementation", "refactoring", "debugging"],
    },
    Agent {
        id: "architect",
        name: "Architect",
        about: "Designs systems and weighs alternatives",
        capabilities: ["system design", "interfaces", "trade-offs"],
    },
    Agent {
        id: "tester",
        name: "Tester",
        about: "Writes tests and finds what breaks",
        capabilities: ["unit tests", "edge cases", "reproduction of faults"],
    },
    Agent {
        id: "reviewer",
        name: "Reviewer",
        about: "Reads changes and reports what is wrong with them",
        capabilities: ["correctness", "style", "security"],
    },
    Agent {
        id: "documenter",
        name: "Documenter",
        about: "Writes guides and references",
        capabilities: ["guides", "references", "change logs"],
    },
];

/// Returns the agent of that id.
pub(super) fn find(id: &str) -> Result<&'static Agent, Problem> {
    let known = AGENTS.iter().map(|agent| agent.id);
    AGENTS
        .iter()
        .find(|agent| agent.id == id)
        .ok_or_else(|| Problem::unknown_name(ProblemKind::NotFound, "agent", id, known))
}

/// `GET /api/v1/agents`.
pub(super) fn list() -> Response {
    let agents: Vec<_> = AGENTS.iter().map(Agent::to_json).collect();
    json_answer(&json!({"agents": agents, "count": agents.len()}))
}

/// `GET /api/v1/agents/{id}`.
pub(super) async fn one(call: &mut RequestContext) -> Result<Response, Problem> {
    Ok(json_answer(&find(&call.name().await?)?.to_json()))
}

impl Agent {
    fn to_json(&self) -> Value {
        let Self { id, name, about, capabilities } = self;
        json!({"id": id, "name": name, "description": about, "capabilities": capabilities, "status": "available"})
    }
}
