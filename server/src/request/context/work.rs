//! Work that is too long for the event loop.

use std::sync::Arc;

use tokio::sync::Semaphore;

use crate::request::{Problem, ProblemKind};

/// Does work of milliseconds outside the event loop, on as many threads as there are processors.
pub(super) async fn work_beside<T: Send + 'static>(
    threads: Arc<Semaphore>,
    work: impl FnOnce() -> Result<T, Problem> + Send + 'static,
) -> Result<T, Problem> {
    // The semaphore is never closed.
    let permit = threads.acquire_owned().await.ok();
    let work = move || {
        let _permit = permit;
        work()
    };
    tokio::task::spawn_blocking(work).await.unwrap_or_else(|error| {
        Err(Problem::new(ProblemKind::ServerError, format!("the work could not be done: {error}")))
    })
}
