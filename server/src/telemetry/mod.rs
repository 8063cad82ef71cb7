//! Metrics, and the `Server-Timing` of requests.

mod lateness;
mod limit_waits;
mod llm_timer;
mod metrics;
mod request_log;
mod request_record;
mod server_timing;

pub use lateness::FramePart;
pub(crate) use lateness::Lateness;
pub(crate) use limit_waits::{Limit, LimitWaits};
pub use llm_timer::LlmTimer;
pub use metrics::Metrics;
pub(crate) use request_log::RequestLog;
pub(crate) use request_log::{LoggedCall, REQUESTS};
pub(crate) use request_record::RequestRecord;
pub use server_timing::ServerTiming;
pub(crate) use server_timing::{SERVER_TIMING, write_waits};
