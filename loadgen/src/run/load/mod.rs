//! When requests start: a closed loop of users, or an open loop of arrivals.

mod arrival_schedule;
mod class_setup;
mod closed;
mod open;
mod ramp;
mod user_pool;

use std::future::Future;

use futures_util::future::Either;
use weir_pace::ArrivalsError;

use crate::scenario::Start;

use super::context::WorkerContext;
use super::exchange::Transport;

/// Generates one worker's part of the load, until it is over or closed and everything in flight has ended.
///
/// # Errors
/// Fails if the arrival process is invalid.
pub(crate) fn generate<T: Transport>(
    worker: &WorkerContext<T>,
) -> Result<impl Future<Output = ()> + '_, ArrivalsError> {
    Ok(match &worker.plan.load.start {
        Start::Closed(_) => Either::Left(closed::generate(worker)),
        Start::Open(load) => Either::Right(open::generate(worker, load)?),
    })
}
