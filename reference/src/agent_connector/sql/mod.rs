//! A simulated database: a few tables with rows derived from the seed, and a parser of simple
//! SELECTs. Conditions, joins and lists of columns are ignored: a query returns the rows of its table.

mod question;
mod read;
mod rows;
mod tables;
mod tokens;

pub(super) use question::{prompt, written_for};
pub(super) use read::Statement;
pub(super) use rows::Rows;
