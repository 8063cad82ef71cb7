//! One row a request, streamed to disk while the run goes on: the results file of agent backends' own load tests.
//!
//! Workers hand rows over without ever waiting; one thread writes them. What it cannot keep up with, and what is
//! beyond the cap, is left out and counted.

mod document;
mod log;
mod row;
mod sink;
mod writer;

pub use log::{Logged, RequestLog, RequestLogError};
pub use sink::RequestSink;
pub(crate) use sink::{Endpoint, RunMetadata};

#[cfg(test)]
mod tests;
