//! One run of a scenario: workers that share nothing, and a collector that adds their figures up.
//!
//! # Layout, lowest first
//!
//! ```text
//! options      what a run takes beside its scenario, and why it may fail
//! control/     stops the run or changes its load from outside
//! weights      choices by weight
//! plan         the scenario, prepared: classes, tasks, target, instants
//! exchange/    one request and its answer, over HTTP or simulated
//! context      the state of one worker
//! user/        a virtual user and what it does
//! load/        when requests start: closed and open loops
//! ending       how the run of a worker ends
//! worker       one worker: an async function over its context
//! aggregate/   the reports of all workers, added up
//! summary/     the summary of a run
//! collector    reports → seconds, thresholds that end the run, the summary
//! driver       the real run: threads, sockets, the system's clock
//! ```
//!
//! Everything below the driver takes its time from a [`Clock`](weir_pace::Clock) and sends its requests through a
//! `Transport`, so runs are tested in simulated time.

mod aggregate;
mod collector;
mod context;
mod control;
mod driver;
mod ending;
mod exchange;
mod load;
mod options;
mod plan;
mod preflight;
#[cfg(test)]
pub(crate) mod simulation;
mod summary;
mod user;
mod weights;
mod worker;

pub use control::{Control, LoadChangeError};
pub use driver::run;
pub(crate) use exchange::{BodyBudget, Connection, HttpTransport, Response, Transport};
pub use options::{RunError, RunOptions};
pub use summary::RunProgress;

#[cfg(test)]
mod tests;
