//! How long one request waited for limits.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use tokio::task::futures::TaskLocalFuture;

/// A limit for which calls and requests wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Limit {
    Workers,
    AnswerMemory,
    LlmCalls,
    LlmCallsOfRun,
}

impl Limit {
    const ALL: [Self; 4] = [Self::Workers, Self::AnswerMemory, Self::LlmCalls, Self::LlmCallsOfRun];

    /// The setting of the limit.
    pub(crate) const fn setting(self) -> &'static str {
        match self {
            Self::Workers => "server.workers",
            Self::AnswerMemory => "server.answer_memory",
            Self::LlmCalls => "chains.max_concurrent_llm_calls",
            Self::LlmCallsOfRun => "chains.max_concurrent_llm_calls_per_run",
        }
    }
}

tokio::task_local! {
    /// The waits of the request that the current task works for.
    static CURRENT: Arc<LimitWaits>;
}

/// How long one request has waited for each limit so far: the sum of its LLM calls, which may wait at the same time.
#[derive(Debug, Default)]
pub(crate) struct LimitWaits {
    /// Microseconds, by the number of the limit.
    micros: [AtomicU64; Limit::ALL.len()],
}

impl LimitWaits {
    /// Forgets the waits of an earlier request of the same connection.
    pub(crate) fn reset(&self) {
        self.micros.iter().for_each(|micros| micros.store(0, Ordering::Relaxed));
    }

    /// Returns the waits of the request that the current task works for.
    pub(crate) fn current() -> Option<Arc<Self>> {
        CURRENT.try_with(Arc::clone).ok()
    }

    /// Returns `work`, whose waits are recorded here.
    pub(crate) fn scope<F: Future>(self: Arc<Self>, work: F) -> TaskLocalFuture<Arc<Self>, F> {
        CURRENT.scope(self, work)
    }

    /// Calls `work`, whose waits are recorded here.
    pub(crate) fn sync_scope<T>(self: &Arc<Self>, work: impl FnOnce() -> T) -> T {
        CURRENT.sync_scope(Arc::clone(self), work)
    }

    /// Records a wait of the request that the current task works for.
    pub(super) fn record(limit: Limit, wait: Duration) {
        let micros = u64::try_from(wait.as_micros()).unwrap_or(u64::MAX);
        // Work for no request, such as a check at the start, has nothing to record it in.
        let _ = CURRENT.try_with(|waits| {
            let sum = waits.micros.get(limit as usize);
            sum.map(|sum| sum.fetch_add(micros, Ordering::Relaxed))
        });
    }

    /// Returns the limits for which the request has waited.
    pub(crate) fn waited(&self) -> impl Iterator<Item = (Limit, Duration)> {
        let waits = Limit::ALL.into_iter().zip(&self.micros);
        let waits = waits.map(|(limit, micros)| (limit, micros.load(Ordering::Relaxed)));
        waits.filter(|(_, micros)| *micros > 0).map(|(limit, micros)| (limit, Duration::from_micros(micros)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn record_in_scope_adds_to_the_request_only() {
        let (first, second) = (Arc::new(LimitWaits::default()), Arc::new(LimitWaits::default()));
        let ms = Duration::from_millis;
        LimitWaits::record(Limit::Workers, ms(9));
        let work = async {
            LimitWaits::record(Limit::LlmCalls, ms(2));
            second.sync_scope(|| LimitWaits::record(Limit::LlmCallsOfRun, ms(5)));
            tokio::task::yield_now().await;
            LimitWaits::record(Limit::LlmCalls, ms(1));
        };
        Arc::clone(&first).scope(work).await;
        assert_eq!(first.waited().collect::<Vec<_>>(), [(Limit::LlmCalls, ms(3))]);
        assert_eq!(second.waited().collect::<Vec<_>>(), [(Limit::LlmCallsOfRun, ms(5))]);
        first.reset();
        assert_eq!(first.waited().count(), 0);
    }

    #[test]
    fn setting_of_each_limit_is_in_order_of_its_number() {
        assert!(Limit::ALL.iter().enumerate().all(|(number, limit)| *limit as usize == number));
    }
}
