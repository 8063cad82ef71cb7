//! The target seen from beside the load: processor and memory of its process, and series of its `/metrics`, once a
//! second, on the run's own time axis.

mod exposition;
mod options;
mod probe;
mod process;
mod watcher;

pub use options::{SeriesName, SeriesNameError, Watch};
pub use watcher::WatchError;
pub(crate) use watcher::Watcher;
