//! Stops a run or changes its load while it runs.

mod handle;
mod load_controller;
mod load_profile;

pub(crate) use handle::Halt;
pub use handle::{Control, LoadChangeError};
pub(crate) use load_controller::{LoadController, LoadReceiver, Now};
pub(crate) use load_profile::LoadProfile;
