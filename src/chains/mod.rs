//! `weir chains`: lists, checks, shows and runs chains without a server.
//!
//! # Layout
//! - `command`: the command line; `list`, `check`, `show`, `run`: one file per subcommand
//! - `named`: a chain by its name; `input`: the input of a run
//! - `expectation`: expected durations of steps and chains; `mermaid`: the graph
//! - `session`: consecutive runs that ctrl-C ends; `watch`: shows a running chain
//! - `step_timeline`: the started and ended steps of a run; `bars`: draws them as bars over time
//! - `report`: describes a finished run; `compare`: describes pairs of runs
//! - `table`: aligned columns

mod bars;
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
mod step_timeline;
mod table;
#[cfg(test)]
mod testing;
mod watch;

pub(crate) use command::Args;
pub(crate) use table::{Column, Table};
