//! One request: what is known of it, and the means to answer it.
//!
//! # Layout
//! - `context`: the request on its way through a handler
//! - `json`: decoding and encoding JSON; `problem`: why a request is refused
//! - `route`: where an endpoint is served; `dialect`: the shape of its errors; `plain_dialect`: that of no provider

mod context;
mod dialect;
pub mod json;
mod plain_dialect;
mod problem;
mod route;

pub(crate) use context::Trailers;
pub use context::{Incoming, RequestContext, json_answer};
pub(crate) use context::{beside, json_body};
pub use dialect::{Dialect, DialectOf};
pub use plain_dialect::{plain_dialect, plain_error};
pub use problem::{Extras, Problem, ProblemKind};
pub use route::{Access, Methods, Route};
