//! The agent workflow system: tokens, agents that work on a task, and workflows of agents.

mod agents;
mod endpoint;
mod hs256;
mod login;
mod run;
mod state;
mod steps;
mod token;
mod workflows;

pub(crate) use endpoint::Endpoint;
pub(crate) use state::State;
