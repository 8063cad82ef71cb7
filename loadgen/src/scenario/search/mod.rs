//! The options of a search for the highest load.

mod options;
mod range;

pub use options::{SearchOptions, SearchOptionsError};
pub use range::{SearchRange, SearchRangeError};
