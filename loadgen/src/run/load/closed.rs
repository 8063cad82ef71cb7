//! A closed loop: users who send a request, wait for its answer, think and repeat. It slows down with its target.

use futures_util::StreamExt as _;
use futures_util::stream::FuturesUnordered;

use crate::run::context::{WaitOutcome, WorkerContext};
use crate::run::exchange::Transport;

use super::user_pool::UserPool;

/// Starts and stops this worker's users as the load profile plans, and runs them until they are done.
pub(super) async fn generate<T: Transport>(worker: &WorkerContext<T>) {
    let (profile, receiver) = worker.plan.controller.subscribe();
    let mut pool = UserPool::new(worker, profile);
    let mut users = FuturesUnordered::new();
    // A collection of one future, so that it is polled only when it is woken.
    let mut changes = FuturesUnordered::from_iter([receiver.changed()]);
    let mut next_change = pool.next_change();
    loop {
        let next = next_change.filter(|_| !worker.is_closed());
        let nobody_joins = next.is_none() && pool.wants_users();
        if users.is_empty() && (worker.is_over() || nobody_joins) {
            return;
        }
        let change_due = async {
            match next {
                Some(change) => worker.wait(change.at).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            biased;
            Some(()) = users.next() => {}
            Some((profile, receiver)) = changes.next() => {
                pool.follow(profile);
                next_change = pool.next_change();
                changes.push(receiver.changed());
            }
            outcome = change_due, if next.is_some() => {
                if outcome == WaitOutcome::Due && let Some(change) = next {
                    users.extend(pool.apply(change));
                    next_change = pool.next_change();
                }
            }
            // Without users, nothing else notices the end.
            () = worker.closed(), if users.is_empty() => {}
        }
        worker.users.set(users.len() as u64);
    }
}
