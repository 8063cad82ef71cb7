//! Graphs of steps: what a chain-execution backend runs. No HTTP; the effects of steps are traits.
//!
//! A chain is written in TOML, checked into a [`Plan`], and run any number of times. A [`Run`] is a stream
//! of events that ends with a [`RunOutcome`] and its [`Trace`]. Nothing is spawned: a run advances while it
//! is polled, and dropping it cancels all running steps.
//!
//! # Layout
//! Each module refers only to those above it.
//! - `http`, `llm`: the clients through which steps act, as traits
//! - `output`: the outputs of steps
//! - `template`: templates and expressions over inputs and outputs
//! - `spec`: chains as users write them, and the location of errors in their file
//! - `plan`: the checked graph: steps, their order, paths
//! - `catalog`: all plans by name
//! - `error`: why steps and runs fail
//! - `trace`: what happened when, critical path, ideal speedup
//! - `run`: the executor: which steps are ready, how each kind of step runs, events and outcome

mod catalog;
mod error;
mod http;
mod llm;
mod output;
mod plan;
mod run;
mod spec;
mod template;
#[cfg(test)]
mod testing;
mod trace;

pub use catalog::{Catalog, CatalogFull};
pub use error::{RunError, StepError};
pub use http::{
    DisabledHttp, HttpClient, HttpError, HttpMethod, HttpRequest, HttpResponse, HttpResponseFuture,
};
pub use llm::{
    FinishReason, Llm, LlmCall, LlmError, LlmEvent, LlmOutput, LlmStream, LlmTool, TokenEvents, Usage,
};
pub use output::StepOutput;
pub use plan::{CriticalPath, Plan, STEPS_MAX, Step, StepKind};
pub use run::{
    Effects, ExecutionMode, Run, RunEvent, RunOptions, RunOutcome, RunStatus, TimeScale, TimeScaleError,
    forecast, run,
};
pub use spec::{REPORTED_ERRORS_MAX, SpecError, SpecErrorKind};
pub use template::{RENDERED_BYTES_MAX, RenderError, TemplateError};
pub use trace::{StepStatus, StepTrace, Trace};
