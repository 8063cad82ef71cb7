//! How the run of one worker comes to its end.

use std::future::Future;
use std::pin::{Pin, pin};
use std::time::{Duration, Instant};

use crate::control::{Control, Halt};
use crate::summary::EndReason;

use super::floor::Floor;

/// Who stopped the run, or found its target dead, does not wait for a long grace.
const SHORT_GRACE: Duration = Duration::from_secs(1);

/// What can end a run early.
#[derive(Clone, Debug)]
pub(super) struct Stops {
    /// From outside.
    pub(super) control: Control,
    /// The target was found dead.
    pub(super) dead: Control,
    /// A threshold failed that ends the run.
    pub(super) failed: Control,
}

impl Stops {
    async fn stopped(&self) -> EndReason {
        tokio::select! {
            biased;
            () = self.control.stopped() => EndReason::Interrupted,
            () = self.dead.stopped() => EndReason::TargetDead,
            () = self.failed.stopped() => EndReason::Threshold,
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
    match (ended, floor.plan.end()) {
        (EndReason::RunTime, Some(end)) => floor.close(end),
        _ => floor.close(Instant::now()),
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
