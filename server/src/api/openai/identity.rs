//! The identity of an answer.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use bytes::BytesMut;

use crate::request::json::{write_escaped, write_number};

/// The system fingerprint of every answer.
pub(super) const FINGERPRINT: &str = "fp_weir";

/// The identity of an answer.
#[derive(Clone, Debug)]
pub(super) struct Identity {
    pub(super) id: String,
    /// Seconds since 1970.
    pub(super) created: u64,
    /// The model's name in the request.
    pub(super) model: String,
}

impl Identity {
    pub(super) fn new(id: String, model: String) -> Self {
        Self { id, created: now(), model }
    }

    /// Writes the fields `id`, `object`, `created` and `model`.
    pub(super) fn write(&self, out: &mut BytesMut, prefix: &str, object: &str) {
        out.extend_from_slice(b"\"id\":\"");
        out.extend_from_slice(prefix.as_bytes());
        out.extend_from_slice(self.id.as_bytes());
        out.extend_from_slice(b"\",\"object\":\"");
        out.extend_from_slice(object.as_bytes());
        out.extend_from_slice(b"\",\"created\":");
        write_number(out, self.created);
        out.extend_from_slice(b",\"model\":\"");
        write_escaped(out, &self.model);
        out.extend_from_slice(b"\"");
    }
}

/// Seconds since 1970.
pub(super) fn now() -> u64 {
    since_1970().as_secs()
}

/// The time since 1970.
pub(super) fn since_1970() -> Duration {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default()
}

/// Writes the usage of every kind of answer, without its closing brace.
pub(super) fn write_usage_start(out: &mut BytesMut, prompt_tokens: u32, completion_tokens: u32) {
    out.extend_from_slice(b"{\"prompt_tokens\":");
    write_number(out, prompt_tokens.into());
    out.extend_from_slice(b",\"completion_tokens\":");
    write_number(out, completion_tokens.into());
    out.extend_from_slice(b",\"total_tokens\":");
    write_number(out, u64::from(prompt_tokens) + u64::from(completion_tokens));
}
