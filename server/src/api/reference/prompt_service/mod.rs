//! The prompt analysis service: keys with hourly limits, and a cache before the model.

mod analyze;
mod cache;
mod dialect;
mod endpoint;
mod findings;
mod keys;
mod state;
mod status;
mod window;

pub(crate) use endpoint::Endpoint;
pub(crate) use state::State;
pub(in crate::api) use window::WindowView;
