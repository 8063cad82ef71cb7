//! Locust's four CSV files, for tools that read Locust's results.
//!
//! Columns, order, line ends and kinds of values are Locust's. The figures differ in meaning: latencies are those of
//! completed requests (Locust times failures too), the warm-up is left out (as `--reset-stats` leaves out the
//! spawning), and a rate is per second of the measured window.

mod columns;
mod failures;
mod history;
mod stats;

pub(super) use failures::{Exceptions, Failures};
pub(super) use history::History;
pub(super) use stats::Stats;

#[cfg(test)]
mod tests;
