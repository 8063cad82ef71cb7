//! When requests start, and until when.

mod arrivals;
mod check;
mod limits;
mod search;
mod shape;
mod spec;
mod stages;

pub(super) use arrivals::Spacing;
pub(crate) use limits::USERS_MAX;
pub(super) use limits::{at_least_one, users};
pub(super) use search::{RawSearch, refuse_beside_search};
pub(crate) use shape::{Shape, Stage};
pub(super) use spec::ClosedLoop;
pub(crate) use spec::Pauses;
pub(crate) use spec::{Load, OpenLoop, Start};
pub(super) use stages::parse_rate;
pub use stages::{Stages, StagesError};

#[cfg(test)]
mod tests;
