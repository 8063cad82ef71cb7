//! Admission: keys, their limits per time and of concurrent requests, and limits of the whole server.

mod algorithm;
mod answer_memory;
mod bucket;
mod fixed_window;
mod gate;
mod go_duration;
mod key;
mod limit;
mod llm_permits;
mod message;
mod quota;
mod reservation;
mod service_times;
mod sliding_window;
mod tokens;

pub use algorithm::LimitView;
pub(crate) use answer_memory::{AnswerMemory, OutOfAnswerMemory, ReservedMemory};
pub use fixed_window::FixedWindow;
pub(crate) use gate::presented;
pub use gate::{Admission, Admitted, GivenKey, Rejection};
pub(crate) use go_duration::go_duration;
pub use limit::{LimitExceeded, LimitKind, RateExceeded, RateView};
pub use llm_permits::LlmPermit;
pub(crate) use llm_permits::{LlmPermits, LlmQueueFull};
pub use reservation::{AdmittedKey, Reservation};
pub use tokens::TokenEstimate;
