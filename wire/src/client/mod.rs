//! HTTP/1.1 to one target, one request at a time on a connection, every instant stamped where the bytes pass.

mod addresses;
mod config;
mod connection;
mod deadline;
mod failure;
mod link;
mod marks;
mod request;
mod response;
mod shared;
mod stamps;
mod target;
#[cfg(test)]
mod tests;
mod timer;
mod tls;
mod transport;

pub use config::{ClientConfig, SetupError, Timeouts, TlsRoots};
pub use connection::Connection;
pub use failure::{Failure, Phase};
pub use request::Request;
pub use response::{Chunk, Response};
pub use shared::Client;
pub use stamps::{Progress, Stamps};
pub use target::{ParseTargetError, Scheme, Target};
pub use timer::Timer;
