//! Tests of the client against small servers over real sockets.

mod errors;
mod exchange;
mod harness;
mod timeouts;
mod timestamps;
mod tls;
