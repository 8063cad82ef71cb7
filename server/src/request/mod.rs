//! One request and its response.
//!
//! # Layout
//! - `context`: the context of a request in a handler
//! - `encoding`: decodes compressed bodies
//! - `json`: decoding and encoding JSON; `problem`: why a request is refused
//! - `source`: which web pages may change the state of the server
//! - `overrides`: what a request overrides by its headers
//! - `work_limit`: what a request may cost on the event loop
//! - `route`: the path and methods of an endpoint; `dialect`: the format of its errors; `plain_dialect`: one of no provider

mod context;
mod dialect;
mod encoding;
pub mod json;
mod overrides;
mod plain_dialect;
mod problem;
mod route;
mod source;
mod work_limit;

pub(crate) use context::Trailers;
pub(crate) use context::json_body;
pub use context::{Incoming, RequestContext, json_answer};
pub use dialect::{Dialect, DialectOf};
pub(crate) use overrides::{FAULT_HEADER, Overrides, RESPONSE_MODE};
pub use plain_dialect::{plain_dialect, plain_error};
pub use problem::{Extras, Problem, ProblemKind};
pub use route::{Access, Methods, Origins, Route};
pub(crate) use source::check_source;
pub(crate) use work_limit::WorkLimit;

/// The name of the deployment in a path of Azure's, an extension of the request. It is the model of requests without one.
#[derive(Clone, Debug)]
pub(crate) struct Deployment(pub(crate) std::sync::Arc<str>);
