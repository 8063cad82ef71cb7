//! The bounds between grades: what a run is rated by.

mod grade;
mod scale;

pub use grade::Grade;
pub use scale::{Band, BandError, Workload, default_bands};
