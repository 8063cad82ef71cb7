//! Whole-system tests: the real program as a child process, over HTTP. Heavy ones are left out unless they are asked for:
//! `cargo test --test it -- --ignored`.
//!
//! # Layout
//! - `support`: the program as a child, a client for it, raw connections for clients that misbehave
//! - `architecture`: allowed dependencies, and other rules that can be checked
//! - one file per reference system: `chains` (chain-backend), `agent_connector`, `agent_workflows`, `prompt_service`,
//!   `observability`
//! - `bad_requests`: tables of rejected requests; `bad_settings`: tables of mistakes in files
//! - `clients`: paths, origins, encodings and fields that the providers' clients send
//! - one file per topic: `answers`, `chat`, `conversations`, `distributions` (of planned delays), `profiles`, `messages`, `responses`, `embedding`, `errors`, `faults`, `limits`, `rate_limits`, `chains_cli`, `shutdown`, `cli`, `load`,
//!   `live_web`, `builtin`, `live_terminal`, `report`, `thresholds`, `hostile`, `hostile_answers`, `timing`, `upstream`, `vllm`

#![cfg(test)]

mod agent_connector;
mod agent_workflows;
mod answers;
mod architecture;
mod bad_requests;
mod bad_settings;
mod batching;
mod builtin;
mod chains;
mod chains_cli;
mod chat;
mod cli;
mod clients;
mod conversations;
mod distributions;
mod embedding;
mod errors;
mod faults;
mod hostile;
mod hostile_answers;
mod hostile_server;
mod limits;
mod live_terminal;
mod live_web;
mod load;
mod load_files;
mod messages;
mod observability;
mod profiles;
mod prompt_service;
mod rate_limits;
mod real_inputs;
mod report;
mod responses;
mod shutdown;
mod starter;
mod support;
mod thresholds;
mod timing;
mod upstream;
mod vllm;
