//! One row per request, streamed to disk during the run: the results file of the load tests of agent backends.
//!
//! Workers send rows without waiting; one thread writes them. Rows that it cannot keep up with, and rows beyond the
//! limit, are left out and counted.

mod document;
mod log;
mod row;
mod sink;
mod writer;

pub use log::{Logged, RequestLog, RequestLogError};
pub(crate) use row::{Endpoint, RunMetadata};
pub use sink::RequestSink;

#[cfg(test)]
mod tests;
