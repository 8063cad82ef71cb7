//! The prompt analysis service: keys with hourly limits, and a cache before the model.

mod analyze;
mod cache;
mod config;
mod dialect;
mod endpoint;
mod findings;
mod keys;
mod state;
mod status;
mod window;

pub use state::PromptService;
