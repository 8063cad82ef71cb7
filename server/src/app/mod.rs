//! The router, and the order of what a request passes.
//!
//! # Layout
//! - `backends`: the list of backends that a server mounts
//! - `endpoints`, `router`: all endpoints by path
//! - `stack`: the layers that every request passes, in their order; `count`, `workers`, `admit`, `respond`: a layer each
//! - `guarded_body`: what a layer holds of a request until its response has ended

mod admit;
#[cfg(test)]
mod any_body;
mod backends;
mod count;
mod endpoints;
mod guarded_body;
mod respond;
mod router;
mod stack;
mod workers;

pub use backends::Backends;
pub(crate) use router::router;
