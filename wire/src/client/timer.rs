use std::future::Future;
use std::time::Instant;

/// What waits for the client: it keeps no timer of its own, so that all waiting of a program goes through one
/// clock. Any `Fn(Instant) -> impl Future` that can be cloned is one.
pub trait Timer: Clone + Send {
    /// Ends at the instant asked for, or soon after it.
    type Sleep: Future<Output = ()> + Unpin + Send;

    /// Waits until `at`.
    fn sleep_until(&self, at: Instant) -> Self::Sleep;
}

impl<F, S> Timer for F
where
    F: Fn(Instant) -> S + Clone + Send,
    S: Future<Output = ()> + Unpin + Send,
{
    type Sleep = S;

    fn sleep_until(&self, at: Instant) -> S {
        self(at)
    }
}
