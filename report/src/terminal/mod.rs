//! The report as text for a terminal: one screen.

mod judgement;
mod lines;
mod load;
mod page;
mod paint;
mod search;
mod speedup;
mod table;
mod watched;

pub use page::terminal;
pub use paint::{Page, Style};
