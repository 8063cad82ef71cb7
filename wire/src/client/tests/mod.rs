//! The client against small servers over real sockets.

mod exchange;
mod failures;
mod harness;
mod stamps;
mod timeouts;
mod tls;
