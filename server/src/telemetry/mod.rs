//! Metrics, and the `Server-Timing` of requests.

mod call_record;
mod exposition;
mod histogram;
mod lateness;
mod limit_waits;
mod metrics;
mod request_log;
mod request_record;
mod server_timing;
mod vllm;

pub use call_record::CallRecord;
pub(crate) use exposition::Exposition;
pub use lateness::FramePart;
pub(crate) use lateness::Lateness;
pub(crate) use limit_waits::{Limit, LimitWaits};
pub use metrics::Metrics;
pub(crate) use request_log::RequestLog;
pub(crate) use request_log::{LoggedCall, REQUESTS};
pub(crate) use request_record::RequestRecord;
pub use server_timing::ServerTiming;
pub(crate) use server_timing::{SERVER_TIMING, write_waits};
