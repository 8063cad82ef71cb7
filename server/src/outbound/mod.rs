//! Outbound calls: a real model behind chains, and their `http` steps.

mod http_steps;
mod pool;
mod upstream;

pub(crate) use http_steps::HttpSteps;
pub(crate) use upstream::Upstream;
