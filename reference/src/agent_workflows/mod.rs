//! The agent workflow system: tokens, agents that work on a task, and workflows of agents.

mod agents;
mod config;
mod endpoint;
mod hs256;
mod login;
mod run;
mod state;
mod steps;
mod token;
mod workflows;

pub use state::AgentWorkflows;
