//! When requests start: users who wait for their answers, or arrivals that wait for nobody.

mod closed;
mod crew;
mod hosts;
mod moves;
mod open;
mod schedule;
mod stay;
mod user;
mod weights;

use std::future::Future;

use futures_util::future::Either;
use weir_pace::ArrivalsError;

use crate::engine::Floor;
use crate::scenario::Start;

pub(crate) use weights::{Spread, Weights};

/// Makes one worker's part of the load, until it is over or the floor is closed and everything has ended.
///
/// # Errors
///
/// The arrival process cannot be had.
pub(crate) fn drive(floor: &Floor) -> Result<impl Future<Output = ()> + '_, ArrivalsError> {
    Ok(match &floor.plan.load.start {
        Start::Closed(_) => Either::Left(closed::drive(floor)),
        Start::Open(load) => Either::Right(open::drive(floor, load)?),
    })
}
