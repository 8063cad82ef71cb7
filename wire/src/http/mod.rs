//! HTTP/1.1 to one target, one request at a time per connection, with timestamps of all reads and writes.

mod addresses;
mod client;
mod config;
mod connection;
mod context;
mod deadline;
mod error;
mod open_connection;
mod request;
mod response;
mod response_start;
mod socket_timestamps;
mod target;
#[cfg(test)]
mod tests;
mod timestamps;
mod tls;
mod transport;

pub use client::Client;
pub use config::{ClientConfig, SetupError, Timeouts, TlsRoots};
pub use connection::Connection;
pub use deadline::Timer;
pub use error::{Phase, RequestError};
pub use request::Request;
pub use response::{Chunk, Response};
pub use target::{ParseTargetError, Scheme, Target};
pub use timestamps::{PartialTimestamps, Timestamps};
