//! Bodies that must be read whole, in bounded memory whatever the number of users.

use std::cell::Cell;

use bytes::{Bytes, BytesMut};
use weir_wire::Chunk;

use crate::record::{FailureKind, Problem};

use super::transport::Response;

/// The total size of the bodies that one worker buffers; while they grow they may occupy twice as much memory.
const TOTAL_BYTES_MAX: usize = 128 << 20;

/// The bytes that one worker buffers.
#[derive(Debug, Default)]
pub(crate) struct BodyBudget {
    bytes: Cell<usize>,
}

/// The bytes of one body, released when it is dropped.
pub(super) struct Share<'a> {
    budget: &'a BodyBudget,
    bytes: usize,
    bytes_max: usize,
}

impl BodyBudget {
    /// A share for the bytes that a stream buffers; none at first.
    pub(super) fn share(&self) -> Share<'_> {
        Share { budget: self, bytes: 0, bytes_max: TOTAL_BYTES_MAX }
    }

    /// Reads a body to its end.
    ///
    /// # Errors
    /// Fails if its connection fails, if it is larger than `bytes_max`, or if it and the others buffered now are too large.
    pub(crate) async fn collect(
        &self,
        response: &mut impl Response,
        bytes_max: usize,
    ) -> Result<Bytes, Problem> {
        let mut share = Share { budget: self, bytes: 0, bytes_max };
        let Some(first) = share.next(response).await? else { return Ok(Bytes::new()) };
        // Most bodies arrive with one read: those need no copy.
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
    /// Sets the bytes that a stream buffers.
    ///
    /// # Errors
    /// Fails if they and the other bytes buffered now are too large.
    pub(super) fn set(&mut self, bytes: usize) -> Result<(), Problem> {
        if self.bytes != bytes {
            self.budget.bytes.set((self.budget.bytes.get() + bytes).saturating_sub(self.bytes));
            self.bytes = bytes;
        }
        self.check()
    }

    async fn next(&mut self, response: &mut impl Response) -> Result<Option<Chunk>, Problem> {
        let Some(chunk) = response.chunk().await? else { return Ok(None) };
        self.bytes += chunk.bytes.len();
        self.budget.bytes.set(self.budget.bytes.get() + chunk.bytes.len());
        self.check()?;
        Ok(Some(chunk))
    }

    fn check(&self) -> Result<(), Problem> {
        let too_large = |limit, what: &str| {
            Err(Problem::new(FailureKind::TooLarge, format!("{what} larger than {} MiB", limit >> 20)))
        };
        if self.bytes > self.bytes_max {
            return too_large(self.bytes_max, "the answer is");
        }
        if self.budget.bytes.get() > TOTAL_BYTES_MAX {
            return too_large(TOTAL_BYTES_MAX, "this answer and those read beside it are together");
        }
        Ok(())
    }
}

impl Drop for Share<'_> {
    fn drop(&mut self) {
        self.budget.bytes.set(self.budget.bytes.get().saturating_sub(self.bytes));
    }
}
