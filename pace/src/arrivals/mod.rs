//! When the requests of an open loop start: an arrival process along a curve of its rate.

mod curve;
mod process;

pub use curve::{Curve, Line};
pub use process::{ArrivalKind, Arrivals, ArrivalsError};
