//! The load: when requests start, and when they stop.

mod arrivals;
mod check;
mod search;
mod shape;
mod spec;
mod stages;

pub(super) use arrivals::RawArrivals;
pub(super) use search::refuse_with_search;
pub(crate) use shape::{Shape, Stage};
pub(super) use spec::ClosedLoop;
pub(crate) use spec::{Load, OpenLoop, Pauses, Start};
pub use stages::{Stages, StagesError};

#[cfg(test)]
mod tests;
