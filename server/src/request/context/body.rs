//! The body of a request.

use std::sync::Arc;

use axum::body::Body;
use bytes::{Bytes, BytesMut};
use http::header;
use http_body::Body as _;
use http_body_util::BodyExt as _;

use super::{
    RequestContext,
    memory::{BYTES_PER_BODY_BYTE, LARGE_BODY},
    work::work_beside,
};
use crate::request::{Problem, ProblemKind, encoding::Encoding};

impl RequestContext {
    /// Whether it has a body.
    pub(crate) fn has_body(&self) -> bool {
        !self.body.is_end_stream()
    }

    /// Reads the whole body, up to the configured limit, and decodes its content encoding. A large one waits until there
    /// is memory for it.
    pub async fn body(&mut self) -> Result<Bytes, Problem> {
        let limit = self.server.config.body_limit;
        let announced = self.body.size_hint().lower();
        if announced > limit as u64 {
            return Err(Problem::too_large(limit));
        }
        let mut expected = LARGE_BODY;
        let mut first: Option<Bytes> = None;
        let mut joined = BytesMut::new();
        while let Some(frame) = self.body.frame().await {
            let Ok(data) = frame.map_err(|error| Problem::broken_body(&error))?.into_data() else { continue };
            let received = joined.len() + first.as_ref().map_or(0, Bytes::len) + data.len();
            if received > limit {
                return Err(Problem::too_large(limit));
            }
            if received.max(announced as usize) > expected {
                // Without a length, its end is not known.
                expected = limit.min(2 * received).max(announced as usize);
                Box::pin(self.reserve_for_body(expected)).await?;
            }
            match first.take() {
                None if joined.is_empty() => first = Some(data),
                earlier => {
                    joined.extend_from_slice(&earlier.unwrap_or_default());
                    joined.extend_from_slice(&data);
                }
            }
        }
        let body = first.unwrap_or_else(|| joined.freeze());
        match Encoding::of(&self.parts.headers)? {
            None => Ok(body),
            Some(encoding) => Box::pin(self.decode(encoding, body)).await,
        }
    }

    /// Returns the whole body, which can be read again.
    pub(crate) async fn buffered_body(&mut self) -> Result<Bytes, Problem> {
        let body = self.body().await?;
        self.parts.headers.remove(header::CONTENT_ENCODING);
        self.body = Body::from(body.clone());
        Ok(body)
    }

    /// Decodes a body whose decoded size is not known.
    async fn decode(&mut self, encoding: Encoding, body: Bytes) -> Result<Bytes, Problem> {
        let limit = self.server.config.body_limit;
        let small = limit.min(LARGE_BODY);
        let encoded = body.clone();
        let threads = || Arc::clone(&self.server.work_threads);
        let decoded = work_beside(threads(), move || encoding.decode(&encoded, small)).await;
        if !decoded.as_ref().is_err_and(|problem| problem.kind == ProblemKind::TooLarge) || small == limit {
            return decoded;
        }
        let threads = threads();
        self.reserve_for_body(limit).await?;
        let decoded = work_beside(threads, move || encoding.decode(&body, limit)).await?;
        self.shrink_memory(decoded.len().saturating_mul(BYTES_PER_BODY_BYTE as usize));
        Ok(decoded)
    }

    async fn reserve_for_body(&mut self, bytes: usize) -> Result<(), Problem> {
        self.reserve((bytes as u64).saturating_mul(BYTES_PER_BODY_BYTE)).await
    }
}
