//! A database that is not there: a few tables whose rows follow from the seed, and a reader of simple
//! SELECTs. Conditions, joins and lists of columns are not worked out: a query gets the rows of its table.

mod question;
mod read;
mod rows;
mod tables;
mod words;

pub(super) use question::{prompt, written_for};
pub(super) use read::Statement;
pub(super) use rows::Rows;
