//! One thread that makes load.

use std::convert::Infallible;
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::sync::mpsc::{SyncSender, TrySendError};
use std::time::{Duration, Instant};

use tokio::runtime::Builder;
use weir_pace::{Clock, TimerConfig};

use crate::arrivals;
use crate::health::{LagProbe, thread_cpu_time};

use super::closing::{Stops, see_through};
use super::delivery::{Delivery, Farewell};
use super::floor::Floor;
use super::options::RunError;
use super::plan::Plan;

/// How often figures are handed over.
const INTERVAL: Duration = Duration::from_secs(1);

/// Runs one worker's part of the load on the calling thread, until it is over.
pub(super) fn work(
    plan: Arc<Plan>,
    index: usize,
    outbox: &SyncSender<Delivery>,
    stops: &Stops,
) -> Result<(), RunError> {
    let runtime = Builder::new_current_thread().enable_io().build().map_err(RunError::Worker)?;
    runtime.block_on(async {
        let clock = Clock::start(TimerConfig { shards: NonZeroUsize::MIN, ..TimerConfig::default() })?;
        let floor = Floor::new(plan, index, clock)?;
        floor.clock.sleep_until(floor.plan.epoch).await;

        let probe = LagProbe::start(floor.clock.clone());
        let ended = tokio::select! {
            biased;
            never = deliver_each_second(&floor, index, &probe, outbox) => match never {},
            ended = see_through(&floor, arrivals::drive(&floor)?, stops) => ended,
        };
        let window_end = floor.recorder.borrow().window_end();
        let farewell = Farewell { ended, window_end, unfinished: floor.unfinished() };
        take_lag(&floor, &probe);
        let last = Delivery { farewell: Some(farewell), ..delivery(&floor, index, Instant::now()) };
        // Nobody listens any more: then nobody needs it.
        let _ = outbox.send(last);
        Ok(())
    })
}

async fn deliver_each_second(
    floor: &Floor,
    index: usize,
    probe: &LagProbe,
    outbox: &SyncSender<Delivery>,
) -> Infallible {
    let mut due = floor.plan.epoch;
    loop {
        due += INTERVAL;
        floor.clock.sleep_until(due).await;
        take_lag(floor, probe);
        // The second that has just ended.
        let delivery = delivery(floor, index, due - INTERVAL);
        if let Err(TrySendError::Full(delivery)) = outbox.try_send(delivery) {
            floor.recorder.borrow_mut().take_back(delivery.interval);
        }
    }
}

fn take_lag(floor: &Floor, probe: &LagProbe) {
    floor.recorder.borrow_mut().record_loop_lag(Instant::now(), &probe.take());
}

fn delivery(floor: &Floor, worker: usize, at: Instant) -> Delivery {
    let second = at.saturating_duration_since(floor.plan.epoch).as_secs();
    let interval = floor.recorder.borrow_mut().take();
    Delivery { worker, second, interval, users: floor.users.get(), cpu: thread_cpu_time(), farewell: None }
}
