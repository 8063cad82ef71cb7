//! The highest load that a target bears: raised until a limit fails, narrowed down, confirmed.

mod drive;
mod machine;
mod options;
mod range;

pub use drive::{SearchProgress, run_search};
pub use options::{SearchError, SearchOptions};
pub use range::{SearchRange, SearchRangeError};
