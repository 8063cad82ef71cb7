//! Reading answers: pure functions of bytes and the instants at which they came.

mod delta;
mod plain;
mod server_timing;
mod stream;

pub(crate) use plain::read_plain;
pub(crate) use server_timing::server_timing;
pub(crate) use stream::StreamReader;
