//! Hostile inputs for every parser: those of a corpus, and changed copies of them.
//!
//! Each parser must neither panic, abort nor take long, and its errors are texts without control characters. An input that
//! fails stays in `target/tmp/fuzz/`; it is copied to `corpus/PARSER/`, where it is run from then on.
//!
//! `cargo test --test fuzz` makes a few changed copies for each parser, always the same ones; `FUZZ_CASES` or
//! `FUZZ_SECONDS` set how many or how long, and `FUZZ_SEED` makes other ones. `tests/hostile/run` does all of it.
//!
//! - `dice`: random decisions that depend on a seed only
//! - `mutator`: changes an input
//! - `corpus`: the inputs to start from
//! - `runner`: runs a parser on them
//! - `files`, `texts`, `bodies`: the parsers, a test each

#![cfg(test)]

mod bodies;
mod corpus;
mod dice;
mod files;
mod mutator;
mod runner;
mod texts;

use std::fmt::Display;

/// The text of an input; invalid UTF-8 is replaced.
fn text(input: &[u8]) -> std::borrow::Cow<'_, str> {
    String::from_utf8_lossy(input)
}

/// Returns the result without its value, and with the text of its error.
fn outcome<T, E: Display>(result: Result<T, E>) -> Result<(), String> {
    result.map(drop).map_err(|error| error.to_string())
}
