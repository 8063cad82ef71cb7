//! The instruments: scenario, arrivals, client, samples, summary, reports.
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
//! health/     can the generator itself be trusted: lateness, loop lag, CPU → `Validity`
//! summary/    `Summary`, the one serialisable, versioned result
//! speedup/    parallel against sequential, in paired and interleaved blocks
//! request_log/ one row a request, streamed to disk
//! merge/      saved reports: read back, made into one
//! report/     pure functions of summaries: terminal, JSON, CSV, HTML, hdr log
//! ```
//!
//! *When to start*, *what to send*, *when to stop* and *how to record* combine freely: nowhere is
//! there a function for a combination. The crate sees `wire` and `pace` and nothing of the server,
//! so the instrument shares no mistake with what it measures.

mod arrivals;
mod control;
mod engine;
mod health;
mod merge;
mod record;
mod report;
mod request_log;
mod scenario;
mod speedup;
mod summary;
mod task;

pub use control::Control;
pub use engine::{RunError, RunOptions, SoFar, run};
pub use merge::{MergeError, ReadError, SavedReport, merge};
pub use record::{Histogram, HistogramError, PackedHistogram, SignedHistogram};
pub use report::{
    CHART_SCRIPT, Format, HistogramLog, Html, Json, Measured, PAGE_STYLE, RenderError, Report, Section,
    Style, Timeline, WriteError, files, terminal, units, write_all,
};
pub use request_log::{Logged, RequestLog, RequestLogError, RequestSink};
pub use scenario::{Overrides, Scenario, ScenarioError, ScenarioProblem, Suggestion};
pub use speedup::{
    Arm, ArmFigures, Pair, RatioInterval, SpeedupError, SpeedupOptions, SpeedupProgress, SpeedupSummary,
    SpeedupVerdict, run_speedup,
};
pub use summary::{
    ArrivalCounts, ClassFigures, EndReason, FailureCount, Figures, Generator, GroundTruth, LoadKind,
    LoadSummary, SCHEMA, Second, Summary, TaskFigures, TokenSource, Validity, Window, utc_label,
};
