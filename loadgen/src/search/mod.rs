//! The highest load that a target bears: raised until a limit fails, narrowed down, confirmed.

mod drive;
mod machine;
mod options;
mod range;
mod summary;

pub use drive::{SearchProgress, run_search};
pub use machine::Purpose;
pub use options::{SearchError, SearchOptions, SearchOver};
pub use range::{SearchRange, SearchRangeError};
pub use summary::{ProbeOutcome, ProbeSummary, SearchEnd, SearchSummary};
