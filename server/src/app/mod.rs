//! The router and the stack of layers.
//!
//! # Layout
//! - `backends`: the list of backends that a server mounts
//! - `endpoints`, `router`: all endpoints by path; `aliases`: other paths that clients use for them
//! - `cors`: cross-origin requests of browser apps
//! - `stack`: the layers that every request passes, in their order; `count`, `workers`, `admit`, `respond`: a layer each
//! - `guarded_body`: holds a layer's guard until the response has ended

mod admit;
mod aliases;
#[cfg(test)]
mod any_body;
mod backends;
mod cors;
mod count;
mod endpoints;
mod guarded_body;
mod prefetched;
mod respond;
mod router;
mod stack;
mod workers;

pub use backends::Backends;
pub(crate) use router::router;
