//! Bytes: the incremental SSE codec, both ways, and the HTTP client that stamps every instant.
