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
//! watch/      the target from beside the load: its processor time, memory, and series of its metrics
//! health/     can the generator itself be trusted: lateness, loop lag, CPU → `Validity`
//! summary/    `Summary`, the one serialisable, versioned result
//! search/     the highest load that keeps its limits: probe after probe, each a run
//! threshold/  what a run has to keep: its grammar, and a summary judged by it
//! rating/     what the figures amount to: grades, and what to look at first
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
mod rating;
mod record;
mod report;
mod request_log;
mod scenario;
mod search;
mod speedup;
mod summary;
mod task;
mod threshold;
mod watch;

pub use control::{Control, SteerError};
pub use engine::{RunError, RunOptions, SoFar, run};
pub use merge::{MergeError, ReadError, SavedReport, merge};
pub use rating::{
    Band, BandError, Grade, Gravity, RatedFigure, Rating, Recommendation, rating, recommendations,
};
pub use record::{Histogram, HistogramError, PackedHistogram, SignedHistogram};
pub use report::{
    CHART_SCRIPT, Format, HistogramLog, Html, Json, Junit, Markdown, Measured, PAGE_STYLE, RenderError,
    Report, Section, Style, Timeline, WriteError, file_names, files, load_in_words, terminal, thin, units,
    write_all,
};
pub use request_log::{Logged, RequestLog, RequestLogError, RequestSink};
pub use scenario::{
    ModelPrice, Overrides, Scenario, ScenarioError, ScenarioProblem, Stages, StagesError, Suggestion,
};
pub use search::{
    ProbeOutcome, ProbeSummary, Purpose, SearchEnd, SearchError, SearchOptions, SearchOver, SearchProgress,
    SearchRange, SearchRangeError, SearchSummary, run_search,
};
pub use speedup::{
    Arm, ArmFigures, Pair, RatioInterval, SpeedupError, SpeedupOptions, SpeedupProgress, SpeedupSummary,
    SpeedupVerdict, run_speedup,
};
pub use summary::{
    ArrivalCounts, ClassFigures, EndReason, FailureCount, Figures, Generator, Goodput, GroundTruth,
    LoadChange, LoadKind, LoadSummary, Outcome, Phase, Reading, RunVerdict, SCHEMA, Second, StageSummary,
    StageWay, Summary, TaskFigures, ThresholdResult, TokenSource, Unit, Validity, Watched, WatchedUnit,
    Window, utc_label,
};
pub use threshold::{Found, Hint, ThresholdError, ThresholdProblem};
pub use watch::{SeriesName, SeriesNameError, Watch, WatchError};
