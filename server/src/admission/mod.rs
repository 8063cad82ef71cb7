//! Admission: keys, rate limits, concurrency limits.

mod answer_memory;
mod gate;
mod key;
mod llm_permits;

pub(crate) use answer_memory::{AnswerMemory, OutOfAnswerMemory, ReservedMemory};
pub(crate) use gate::{Admission, Admitted, GivenKey, Rejection, presented};
pub use key::RateView;
pub use llm_permits::LlmPermit;
pub(crate) use llm_permits::{LlmPermits, LlmQueueFull};
