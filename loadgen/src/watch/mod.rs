//! Observes the target while it is loaded: CPU and memory of its process, and series of its `/metrics`, once a second,
//! in seconds since the start of the run.

mod exposition;
mod options;
mod probe;
mod process;
mod watcher;

pub use options::{SeriesName, SeriesNameError, Watch};
pub use watcher::WatchError;
pub(crate) use watcher::Watcher;
