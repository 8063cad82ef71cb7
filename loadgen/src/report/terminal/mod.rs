//! The report as text for a terminal: one screen.

mod judgement;
mod load;
mod page;
mod paint;
mod speedup;
mod table;

pub use page::terminal;
pub use paint::Style;
