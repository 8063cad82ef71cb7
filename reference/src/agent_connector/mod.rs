//! The agent connector: agents that register, query a database that is not there, in SQL or in words, and
//! are counted; a subset of GraphQL; baselines of load tests.

mod access;
mod agents;
mod ask;
mod baseline;
mod config;
mod endpoint;
mod graphql;
mod key;
mod query;
mod registration;
mod sql;
mod state;
mod status;
mod usage;

pub use state::AgentConnector;
