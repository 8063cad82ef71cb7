//! A search for the highest load that a target sustains: raise the level until a limit fails, narrow, confirm.

mod drive;
mod machine;

pub use drive::{SearchError, SearchProgress, SearchSoFar, run_search};

#[cfg(test)]
mod tests;
