//! The highest load that a target bears: raised until a limit fails, narrowed down, confirmed.

mod drive;
mod machine;

pub use drive::{SearchError, SearchProgress, run_search};

#[cfg(test)]
mod tests;
