//! What the server tells of itself: metrics, and the truth about the times of one request.

mod exchange;
mod lateness;
mod llm_timer;
mod metrics;
mod truth;

pub(crate) use exchange::Exchange;
pub(crate) use lateness::Lateness;
pub(crate) use llm_timer::LlmTimer;
pub(crate) use metrics::Metrics;
pub(crate) use truth::{SERVER_TIMING, Truth};
