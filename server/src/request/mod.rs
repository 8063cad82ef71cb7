//! One request and its response.
//!
//! # Layout
//! - `context`: the context of a request in a handler
//! - `encoding`: decodes compressed bodies
//! - `json`: decoding and encoding JSON; `problem`: why a request is refused
//! - `route`: the path and methods of an endpoint; `dialect`: the format of its errors; `plain_dialect`: one of no provider

mod context;
mod dialect;
mod encoding;
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
pub use route::{Access, Methods, Origins, Route};

/// The header that names the deployment of a path of Azure's. It is the model of requests without one.
pub(crate) const DEPLOYMENT: http::HeaderName = http::HeaderName::from_static("x-weir-deployment");
