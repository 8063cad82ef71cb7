//! The router, and the order of what a request passes.
//!
//! # Layout
//! - `backends`: the list of backends that a server mounts
//! - `endpoints`, `router`: all endpoints by path
//! - `pass`: what every request passes; `guarded_body`: what it holds until its answer has ended

#[cfg(test)]
mod any_body;
mod backends;
mod endpoints;
mod guarded_body;
mod pass;
mod router;

pub use backends::Backends;
pub(crate) use router::router;
