//! Metrics, and the `Server-Timing` of requests.

mod key_metrics;
mod lateness;
mod llm_timer;
mod metrics;
mod request_log;
mod request_record;
mod server_timing;

pub(crate) use key_metrics::{KeyCounters, KeyMetrics, KeyOutcome};
pub use lateness::FramePart;
pub(crate) use lateness::Lateness;
pub use llm_timer::LlmTimer;
pub use metrics::Metrics;
pub(crate) use request_log::RequestLog;
pub(crate) use request_log::{LoggedCall, REQUESTS};
pub(crate) use request_record::RequestRecord;
pub(crate) use server_timing::SERVER_TIMING;
pub use server_timing::ServerTiming;
