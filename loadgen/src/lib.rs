//! The load generator: scenario → arrivals → requests → samples → results.
//!
//! # Layout, lowest first
//!
//! ```text
//! clock_timer  the clock of a worker as the timer of its client
//! redact/      removes secrets from texts of servers and of requests
//! record/      a finished request → histograms and counters
//! task/        what to send, and how to read the answer
//! scenario/    what the user wrote: raw TOML → checked `Scenario`; the built-in ones
//! request_log/ one row per request, streamed to disk
//! watch/       the target while it is loaded: its processor time, memory, and series of its metrics
//! health/      whether the load generator can be trusted: lateness, loop lag, CPU → `Validity`
//! run/         one run: workers that share nothing, and the collector of their figures
//! search/      the highest load that keeps its limits: probe after probe, each a run
//! speedup/     parallel against sequential, in paired and interleaved blocks
//! ```
//!
//! *When to start*, *what to send*, *when to stop* and *how to record* combine freely: no function is specific to a
//! combination. The crate depends on `results`, `wire` and `pace` and on nothing of the server, so the instrument shares
//! no mistake with what it measures.

mod clock_timer;
mod health;
mod record;
mod redact;
mod request_log;
mod run;
mod scenario;
mod search;
mod speedup;
mod task;
mod watch;

pub use request_log::{Logged, RequestLog, RequestLogError, RequestSink};
pub use run::{Control, LoadChangeError, RunError, RunOptions, RunProgress, run};
pub use scenario::{
    ModelPrice, Overrides, Scenario, ScenarioError, ScenarioProblem, SearchOptions, SearchOptionsError,
    SearchRange, SearchRangeError, Stages, StagesError, Starter,
};
pub use search::{SearchError, SearchProgress, SearchSoFar, run_search};
pub use speedup::{SpeedupError, SpeedupOptions, SpeedupProgress, run_speedup};
pub use watch::{SeriesName, SeriesNameError, Watch, WatchError};
