//! Answers that are kept until they are whole, in bounded memory whatever the number of users.

use std::cell::Cell;

use bytes::{Bytes, BytesMut};
use weir_wire::{Chunk, Response};

use crate::record::{FailureKind, Problem};

use super::timer::ClockTimer;

/// A plain answer larger than this is a failure.
const ANSWER_BYTES_MAX: usize = 64 << 20;

/// The answers that one worker keeps at once are together no larger than this; while they grow they may take twice as
/// much memory.
const HELD_BYTES_MAX: usize = 128 << 20;

/// The bytes of answers that one worker keeps.
#[derive(Debug, Default)]
pub(super) struct Held {
    bytes: Cell<usize>,
}

/// A share of them, given back when it is dropped.
struct Share<'a> {
    of: &'a Held,
    bytes: usize,
}

impl Held {
    /// Reads an answer to its end.
    ///
    /// # Errors
    ///
    /// Its connection fails, or it is too large, by itself or together with the others that are kept now.
    pub(super) async fn collect(&self, response: &mut Response<'_, ClockTimer>) -> Result<Bytes, Problem> {
        let mut share = Share { of: self, bytes: 0 };
        let Some(first) = share.next(response).await? else { return Ok(Bytes::new()) };
        // Most bodies come with one read: those need no copy.
        let Some(second) = share.next(response).await? else { return Ok(first.bytes) };
        let mut whole = BytesMut::from(first.bytes);
        let mut next = Some(second);
        while let Some(chunk) = next {
            whole.extend_from_slice(&chunk.bytes);
            next = share.next(response).await?;
        }
        Ok(whole.freeze())
    }
}

impl Share<'_> {
    async fn next(&mut self, response: &mut Response<'_, ClockTimer>) -> Result<Option<Chunk>, Problem> {
        let Some(chunk) = response.chunk().await? else { return Ok(None) };
        self.bytes += chunk.bytes.len();
        self.of.bytes.set(self.of.bytes.get() + chunk.bytes.len());
        let too_large = |limit, what: &str| {
            Err(Problem::new(FailureKind::TooLarge, format!("{what} larger than {} MiB", limit >> 20)))
        };
        if self.bytes > ANSWER_BYTES_MAX {
            return too_large(ANSWER_BYTES_MAX, "the answer is");
        }
        if self.of.bytes.get() > HELD_BYTES_MAX {
            return too_large(HELD_BYTES_MAX, "this answer and those read beside it are together");
        }
        Ok(Some(chunk))
    }
}

impl Drop for Share<'_> {
    fn drop(&mut self) {
        self.of.bytes.set(self.of.bytes.get().saturating_sub(self.bytes));
    }
}
