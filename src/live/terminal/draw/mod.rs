//! What stands on the screen: a pure function of what is shown and of the screen's size.

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
