//! Work that would hold up the other tasks of a thread.

use tokio::runtime::{Handle, RuntimeFlavor};

/// Runs work of milliseconds. On a runtime with several threads, the other tasks of this thread move to another one first.
pub fn block_in_place<T>(work: impl FnOnce() -> T) -> T {
    match Handle::try_current().map(|runtime| runtime.runtime_flavor()) {
        Ok(RuntimeFlavor::MultiThread) => tokio::task::block_in_place(work),
        _ => work(),
    }
}
