//! How the run of one worker ends.

use std::future::Future;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;

use weir_results::EndReason;

use super::context::{StopMode, WorkerContext};
use super::control::{Control, Halt};

/// The longest grace of a run that was stopped or whose target is dead.
const SHORT_GRACE: Duration = Duration::from_secs(1);

/// Ends a run early, for a reason. Clones end the same run.
#[derive(Clone, Debug)]
pub(crate) struct EndSignal {
    /// The user's control.
    control: Control,
    /// The reason found in the figures.
    found: Arc<watch::Sender<Option<EndReason>>>,
}

impl EndSignal {
    pub(crate) fn new(control: &Control) -> Self {
        Self { control: control.clone(), found: Arc::new(watch::Sender::new(None)) }
    }

    /// Ends the run for this reason, unless it already ends for another.
    pub(crate) fn end(&self, reason: EndReason) {
        self.found.send_if_modified(|found| {
            let is_first = found.is_none();
            found.get_or_insert(reason);
            is_first
        });
    }

    /// Waits until the run must end early.
    pub(super) async fn ended(&self) -> EndReason {
        let mut found = self.found.subscribe();
        tokio::select! {
            biased;
            () = self.control.stopped() => EndReason::Interrupted,
            // The sender lives in `self`, so waiting cannot fail.
            Ok(reason) = found.wait_for(Option::is_some) => reason.unwrap_or(EndReason::TargetDead),
        }
    }
}

/// Runs the load until it is over, time is up or the signal ends it; then gives requests in flight their grace.
pub(super) async fn run_to_end<T>(
    worker: &WorkerContext<T>,
    load: impl Future<Output = ()>,
    signal: &EndSignal,
) -> EndReason {
    let mut load = pin!(load);
    let reason = tokio::select! {
        biased;
        reason = signal.ended() => reason,
        () = time_is_up(worker) => EndReason::RunTime,
        () = load.as_mut() => {
            if worker.is_budget_spent() {
                return EndReason::Requests;
            }
            // The next request of every user would start after the end.
            close(worker, EndReason::RunTime);
            return EndReason::RunTime;
        }
        () = grace_of_last_request(worker) => {
            close(worker, EndReason::Requests);
            return EndReason::Requests;
        }
    };
    close(worker, reason);
    let grace = match reason {
        EndReason::RunTime | EndReason::Requests => worker.plan.load.grace,
        EndReason::Interrupted
        | EndReason::TargetDead
        | EndReason::NothingSucceeded
        | EndReason::Threshold
        | EndReason::CutShort => worker.plan.load.grace.min(SHORT_GRACE),
    };
    wait_for_rest(worker, load, signal, grace).await;
    reason
}

fn close<T>(worker: &WorkerContext<T>, reason: EndReason) {
    let mode = match reason {
        EndReason::RunTime | EndReason::Requests => StopMode::Graceful,
        EndReason::Interrupted
        | EndReason::TargetDead
        | EndReason::NothingSucceeded
        | EndReason::Threshold
        | EndReason::CutShort => StopMode::Immediate,
    };
    match (reason, worker.plan.end()) {
        (EndReason::RunTime, Some(end)) => worker.close(end, mode),
        _ => worker.close(worker.clock.now(), mode),
    }
}

async fn time_is_up<T>(worker: &WorkerContext<T>) {
    match worker.plan.end() {
        Some(end) => worker.clock.sleep_until(end).await,
        None => std::future::pending().await,
    }
}

/// Waits until the grace after the start of the last request is over.
async fn grace_of_last_request<T>(worker: &WorkerContext<T>) {
    worker.budget_spent().await;
    worker.clock.sleep(worker.plan.load.grace).await;
}

async fn wait_for_rest<T>(
    worker: &WorkerContext<T>,
    load: Pin<&mut impl Future<Output = ()>>,
    signal: &EndSignal,
    grace: Duration,
) {
    let cut_short = async {
        signal.ended().await;
        worker.clock.sleep(SHORT_GRACE).await;
    };
    tokio::select! {
        biased;
        () = load => {}
        () = worker.clock.sleep(grace) => {}
        () = cut_short => {}
        () = signal.control.halted(Halt::Now) => {}
    }
}
