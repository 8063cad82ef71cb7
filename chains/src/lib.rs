//! Graphs of steps: what a chain-execution backend runs. No HTTP; the effects of steps are traits.
//!
//! A chain is written in TOML, checked into a [`Plan`], and run any number of times. A [`Run`] is a stream
//! of events that ends with an [`Outcome`] and its [`Trace`]. Nothing is spawned: a run advances while it
//! is polled, and dropping it cancels whatever it was doing.
//!
//! # Layout
//! - `spec`: chains as users write them, and the place of a fault in their file
//! - `plan`: the checked graph: steps, their order, templates, paths
//! - `catalog`: all plans by name
//! - `run`: the executor: what may start, what each kind of step does, events and outcome
//! - `output`: what a step gives to the steps after it
//! - `trace`: what happened when, critical path, ideal speedup
//! - `llm`, `http`: what a chain asks of a language model and of the network

mod catalog;
mod http;
mod llm;
mod output;
mod plan;
mod run;
mod spec;
#[cfg(test)]
mod testing;
mod trace;

pub use catalog::{Catalog, CatalogFull};
pub use http::{Http, HttpCall, HttpError, HttpFuture, HttpMethod, HttpReply, NoHttp};
pub use llm::{Finish, Llm, LlmCall, LlmError, LlmEvent, LlmOutput, LlmStream, LlmTool, TokenEvents, Usage};
pub use output::StepOutput;
pub use plan::{
    CriticalPath, Plan, PlanError, RENDERED_BYTES_MAX, RenderError, STEPS_MAX, Step, StepKind, TemplateFault,
};
pub use run::{
    Effects, Mode, Outcome, Run, RunError, RunEvent, RunOptions, RunStatus, StepError, TimeScale,
    TimeScaleError, forecast, run,
};
pub use spec::{FAULTS_MAX, Place, SpecError};
pub use trace::{StepStatus, StepTrace, Trace};
