//! A scenario as written in TOML. The doc comments of the fields are the descriptions in the JSON Schema.

mod criteria;
mod duration;
mod load;
mod retry;
mod scenario;
mod task;
mod user;

pub(super) use criteria::{RawBounds, RawLimit, RawLimits};
pub(super) use duration::RawDuration;
pub(super) use load::{RawLoad, RawSearch, RawStage, StageRate};
pub(super) use retry::{RawRetry, RawRetryCause};
pub(super) use scenario::{RawFeed, RawScenario, RawTimeouts, RawVariant};
pub(super) use task::{RawCapture, RawCheck, RawHook, RawTask};
pub(super) use user::RawUser;
