//! Draws the screen: a pure function of the shown state and the screen's size.

mod bottom;
mod figures;
mod head;
mod help;
mod page;
mod shown;
mod sparks;
mod table;
mod theme;

#[cfg(test)]
mod tests;

pub(super) use page::screen;
pub(super) use shown::{Ending, Shown};
