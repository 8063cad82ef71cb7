//! How the run of one worker comes to its end.

use std::future::Future;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::watch;

use crate::control::{Control, Halt};
use weir_results::EndReason;

use super::floor::{Floor, Parting};

/// Who stopped the run, or found its target dead, does not wait for a long grace.
const SHORT_GRACE: Duration = Duration::from_secs(1);

/// What can end a run early. Clones end the same run.
#[derive(Clone, Debug)]
pub(super) struct Stops {
    /// From outside.
    control: Control,
    /// What the figures gave reason for.
    found: Arc<watch::Sender<Option<EndReason>>>,
}

impl Stops {
    pub(super) fn new(control: &Control) -> Self {
        Self { control: control.clone(), found: Arc::new(watch::Sender::new(None)) }
    }

    /// Ends the run for this reason, unless it was for another before.
    pub(super) fn end(&self, reason: EndReason) {
        self.found.send_if_modified(|found| {
            let is_first = found.is_none();
            found.get_or_insert(reason);
            is_first
        });
    }

    /// Waits until something ends the run.
    pub(super) async fn stopped(&self) -> EndReason {
        let mut found = self.found.subscribe();
        tokio::select! {
            biased;
            () = self.control.stopped() => EndReason::Interrupted,
            // The sender lives in `self`, so waiting cannot fail.
            Ok(reason) = found.wait_for(Option::is_some) => reason.unwrap_or(EndReason::TargetDead),
        }
    }
}

/// Drives the load to its end: until it is over by itself, or time is up, or something stops it; then what is in
/// flight gets its grace.
pub(super) async fn see_through(floor: &Floor, load: impl Future<Output = ()>, stops: &Stops) -> EndReason {
    let mut load = pin!(load);
    let ended = tokio::select! {
        biased;
        reason = stops.stopped() => reason,
        () = time_is_up(floor) => EndReason::RunTime,
        () = load.as_mut() => {
            if floor.is_budget_spent() {
                return EndReason::Requests;
            }
            // Every user's next request would have come too late.
            close(floor, EndReason::RunTime);
            return EndReason::RunTime;
        }
    };
    close(floor, ended);
    let grace = match ended {
        EndReason::RunTime | EndReason::Requests => floor.plan.load.grace,
        EndReason::Interrupted | EndReason::TargetDead | EndReason::Threshold => {
            floor.plan.load.grace.min(SHORT_GRACE)
        }
    };
    wait_for_rest(floor, load, stops, grace).await;
    ended
}

fn close(floor: &Floor, ended: EndReason) {
    let parting = match ended {
        EndReason::RunTime | EndReason::Requests => Parting::Proper,
        EndReason::Interrupted | EndReason::TargetDead | EndReason::Threshold => Parting::Abrupt,
    };
    match (ended, floor.plan.end()) {
        (EndReason::RunTime, Some(end)) => floor.close(end, parting),
        _ => floor.close(Instant::now(), parting),
    }
}

async fn time_is_up(floor: &Floor) {
    match floor.plan.end() {
        Some(end) => floor.clock.sleep_until(end).await,
        None => std::future::pending().await,
    }
}

async fn wait_for_rest(
    floor: &Floor,
    load: Pin<&mut impl Future<Output = ()>>,
    stops: &Stops,
    grace: Duration,
) {
    let cut_short = async {
        stops.stopped().await;
        floor.clock.sleep(SHORT_GRACE).await;
    };
    tokio::select! {
        biased;
        () = load => {}
        () = floor.clock.sleep(grace) => {}
        () = cut_short => {}
        () = stops.control.halted(Halt::Now) => {}
    }
}
