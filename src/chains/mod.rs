//! `weir chains`: look at chains, check them, and run them here, without a server.
//!
//! # Layout
//! - `command`: what can be typed; `list`, `check`, `show`, `run`: one file a subcommand
//! - `named`: a chain by its name; `input`: what a run is given
//! - `expectation`: how long steps should take, and what a chain comes to with so many at once; `mermaid`: its graph
//! - `session`: one run after the other, with an end on ctrl-C; `watch`: what is seen of a run while it goes on
//! - `board`: the steps of a run as they start and end; `bars`: the same as bars over time
//! - `report`: a run that is over, in words; `compare`: pairs of runs, in words
//! - `table`: aligned columns

mod bars;
mod board;
mod check;
mod command;
mod compare;
mod expectation;
mod input;
mod list;
mod mermaid;
mod named;
mod report;
mod run;
mod session;
mod show;
mod table;
#[cfg(test)]
mod testing;
mod watch;

pub(crate) use command::Args;
