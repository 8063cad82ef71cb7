//! Reading answers: pure functions of bytes and the instants at which they came.

mod dialect;
mod held;
mod json;
mod plain;
mod pointer;
mod server_timing;
mod skeleton;
mod stream;
mod text;

pub(crate) use plain::read_plain;
pub(crate) use server_timing::server_timing;
pub(crate) use stream::StreamReader;
pub(crate) use text::text_of_answer;
