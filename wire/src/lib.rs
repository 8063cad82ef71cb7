//! Bytes: the incremental SSE codec, both ways, and the HTTP client that timestamps every instant.
//!
//! # Layout
//!
//! - [`sse`]: server-sent events. [`sse::Decoder`] turns chunks of bytes into events;
//!   [`sse::write_data`] and [`sse::write_event`] write them.
//! - `http`: HTTP/1.1 to one [`Target`], over TCP or TLS. A [`Client`] is shared; each virtual user holds a
//!   [`Connection`], which sends one [`Request`] at a time and returns a [`Response`] whose [`Chunk`]s and
//!   [`Timestamps`] have the instants at which the bytes arrived.
//!
//! Nothing here spawns a task, reads wall time or sleeps: the caller's task drives the connection, and its [`Timer`]
//! waits. So an instant is taken in the same poll that moved the bytes, and dropping a future cancels its operation.

mod http;
pub mod sse;

pub use http::{
    Chunk, Client, ClientConfig, Connection, ParseTargetError, PartialTimestamps, Phase, Request,
    RequestError, Response, Scheme, SetupError, Target, Timeouts, Timer, Timestamps, TlsRoots,
};
