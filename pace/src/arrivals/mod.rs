//! Arrival processes of an open loop along a curve of the rate.

mod curve;
mod process;

pub use curve::{Curve, Segment};
pub use process::{ArrivalKind, Arrivals, ArrivalsError};
