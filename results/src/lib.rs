//! What a run measured: histograms, summaries, thresholds, statistics, and merging of saved runs.
//!
//! # Layout, lowest first: a module may refer to those above it
//!
//! ```text
//! histogram/  durations and signed differences, counted in buckets
//! visible     makes hidden characters visible
//! units       figures as text
//! threshold/  limits on figures and on single requests: their grammar
//! band/       the bounds between grades
//! summary/    `Summary`, the one serialisable, versioned result of a load
//! search      the result of a search for the highest load
//! speedup/    the result of parallel against sequential, and its statistics
//! judge/      judges a summary by its thresholds
//! rating/     grades of a summary's figures, and recommendations
//! report      everything that one command measured: `summary.json`
//! texts       makes hidden characters of its texts visible
//! merge/      reads saved reports and merges them into one
//! fixture/    results of a known shape, for tests of reports
//! ```
//!
//! Nothing here sends a request, and nothing knows how a result is shown: both the load generator and
//! the reports build on these types.

mod band;
#[doc(hidden)]
pub mod fixture;
mod histogram;
mod judge;
mod merge;
mod rating;
mod report;
mod search;
mod speedup;
mod summary;
mod texts;
mod threshold;
pub mod units;
mod visible;

pub use band::{Band, BandError, Grade};
pub use histogram::{Histogram, HistogramError, PackedHistogram, SignedHistogram, samples_needed};
pub use judge::{Abort, Rule, Watch};
pub use merge::{MergeError, ReadError, SavedReport, merge};
pub use rating::{RatedFigure, Rating, Recommendation, Severity, rating, recommendations};
pub use report::{Measured, Report, Section};
pub use search::{ProbeOutcome, ProbeSummary, Purpose, SearchEnd, SearchOver, SearchSummary};
pub use speedup::{
    Arm, ArmFigures, Block, Lengths, PAIRS_MAX, Pair, RatioInterval, SpeedupRun, SpeedupSummary,
    SpeedupVerdict, efficiency_in_words, median,
};
pub use summary::{
    ArrivalCounts, CONNECT_FAILURES, ClassFigures, EndReason, FAILURE_KINDS_MAX, FailureCount, FailureGroups,
    Figures, GENERATOR_FAILURE, Generator, Goodput, GroundTruth, LoadChange, LoadKind, LoadSummary,
    NoSuccess, OTHER_FAILURES, Outcome, Phase, Reading, RunVerdict, SCHEMA, SUSTAINED_S, Second,
    ServiceFigures, StageSummary, StageWay, Summary, TaskFigures, ThresholdResult, TokenSource, Validity,
    Watched, WatchedUnit, Window, instant_of_label, utc_label,
};
pub use threshold::{
    FigureDescription, Found, RequestDurations, RequestLimit, RequestLimits, Scope, Subject, Threshold,
    ThresholdError, ThresholdProblem, figure_descriptions,
};
pub use units::Unit;
pub use visible::visible;
