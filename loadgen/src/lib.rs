//! The load generator: scenario → arrivals → requests → samples → results.
//!
//! # Layout
//!
//! ```text
//! scenario/   what the user wrote: raw TOML → checked `Scenario`; the built-in ones
//! arrivals/   when to start: a closed loop of users, or an open loop at a rate
//! task/       what to send and how to read the answer
//! control/    what ends or changes a run from outside, and a target that has died
//! engine/     worker threads that share nothing, and the thread that adds their figures up
//! record/     a finished request → histograms and counters
//! watch/      the target from beside the load: its processor time, memory, and series of its metrics
//! health/     can the generator itself be trusted: lateness, loop lag, CPU → `Validity`
//! search/     the highest load that keeps its limits: probe after probe, each a run
//! speedup/    parallel against sequential, in paired and interleaved blocks
//! request_log/ one row a request, streamed to disk
//! ```
//!
//! *When to start*, *what to send*, *when to stop* and *how to record* combine freely: nowhere is
//! there a function for a combination. The crate sees `results`, `wire` and `pace` and nothing of the
//! server, so the instrument shares no mistake with what it measures.

mod arrivals;
mod control;
mod engine;
mod health;
mod record;
mod request_log;
mod scenario;
mod search;
mod speedup;
mod task;
mod watch;

pub use control::{Control, SteerError};
pub use engine::{RunError, RunOptions, SoFar, run};
pub use request_log::{Logged, RequestLog, RequestLogError, RequestSink};
pub use scenario::{ModelPrice, Overrides, Scenario, ScenarioError, ScenarioProblem, Stages, StagesError};
pub use search::{SearchError, SearchOptions, SearchProgress, SearchRange, SearchRangeError, run_search};
pub use speedup::{SpeedupError, SpeedupOptions, SpeedupProgress, run_speedup};
pub use watch::{SeriesName, SeriesNameError, Watch, WatchError};
