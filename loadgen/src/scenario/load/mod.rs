//! When requests start, and until when.

mod arrivals;
mod check;
mod search;
mod shape;
mod spec;
mod stages;

pub(super) use arrivals::Spacing;
pub(super) use search::refuse_beside_search;
pub(crate) use shape::{Shape, Stage};
pub(super) use spec::ClosedLoop;
pub(crate) use spec::{Load, OpenLoop, Pauses, Start};
pub use stages::{Stages, StagesError};

#[cfg(test)]
mod tests;
