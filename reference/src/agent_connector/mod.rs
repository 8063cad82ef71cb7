//! The agent connector: agents register, query a simulated database in SQL or natural language, and
//! are counted; a subset of GraphQL; baselines of load tests.

mod access;
mod agents;
mod baseline;
mod baselines_api;
mod config;
mod endpoint;
mod failover;
mod graphql;
mod key;
mod query;
mod registration;
mod sql;
mod state;
mod status;
mod usage;

pub use state::AgentConnector;
