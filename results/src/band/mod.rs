//! The bounds between grades, by which a run is rated.

mod grade;
mod scale;

pub use grade::Grade;
pub use scale::{Band, BandError};
