//! Bytes: the incremental SSE codec, both ways, and the HTTP client that stamps every instant.
//!
//! # Layout
//!
//! - [`sse`]: server-sent events. [`sse::Decoder`] turns bytes that arrive in any pieces into events;
//!   [`sse::write_data`] and [`sse::write_event`] write them.
//! - `client`: HTTP/1.1 to one [`Target`], over TCP or TLS. A [`Client`] is shared; each virtual user holds a
//!   [`Connection`], which sends one [`Request`] at a time and hands back a [`Response`] whose [`Chunk`]s and
//!   [`Stamps`] say when the bytes came.
//!
//! Nothing here spawns a task, keeps wall time or sleeps by itself: the caller's task drives the connection, and
//! its [`Timer`] does the waiting. So an instant is taken in the very poll that moved the bytes, and dropping a
//! future cancels what it was doing.

mod client;
pub mod sse;

pub use client::{
    Chunk, Client, ClientConfig, Connection, Failure, ParseTargetError, Phase, Progress, Request, Response,
    Scheme, SetupError, Stamps, Target, Timeouts, Timer, TlsRoots,
};
