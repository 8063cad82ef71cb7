//! A step of a plan.

use std::{sync::Arc, time::Duration};

use weir_pace::{Diagnostic, Latency};

use super::policy::StepPolicy;
use crate::{http::HttpMethod, llm::LlmTool, output::StepOutput, template::Template};

/// A node of a [`Plan`](crate::Plan)'s graph.
#[derive(Debug)]
pub struct Step {
    pub(crate) index: usize,
    pub(crate) name: Arc<str>,
    pub(crate) needs: Box<[usize]>,
    pub(crate) need_names: Box<[Arc<str>]>,
    pub(crate) dependents: Box<[usize]>,
    pub(crate) action: Action,
    pub(crate) policy: StepPolicy,
}

/// The action of a step.
#[derive(Debug)]
pub(crate) enum Action {
    Tool(ToolAction),
    Llm(LlmAction),
    Http(HttpAction),
    Chain(ChainAction),
}

#[derive(Debug)]
pub(crate) struct ToolAction {
    pub(crate) latency: Latency,
    pub(crate) output: ToolOutput,
    /// The share of attempts that fail, from 0 to 1.
    pub(crate) failure_rate: f64,
}

/// The output of a tool: constant, or rendered from a template.
#[derive(Debug)]
pub(crate) enum ToolOutput {
    Fixed(Arc<StepOutput>),
    Rendered(Template),
}

#[derive(Debug)]
pub(crate) struct LlmAction {
    pub(crate) model: Arc<str>,
    pub(crate) prompt: Template,
    pub(crate) max_tokens: Option<u32>,
    pub(crate) total: Option<Duration>,
    pub(crate) tokens: TokenDelivery,
    pub(crate) tools: Arc<[LlmTool]>,
}

#[derive(Debug)]
pub(crate) struct HttpAction {
    pub(crate) method: HttpMethod,
    pub(crate) url: Template,
    pub(crate) headers: Box<[(Arc<str>, Template)]>,
    pub(crate) body: Option<Template>,
}

/// A run of another chain.
#[derive(Debug)]
pub(crate) struct ChainAction {
    pub(crate) name: Arc<str>,
    pub(crate) input: NestedInput,
    pub(crate) tokens: TokenDelivery,
    /// The position of `name` in its file, for errors found once all chains are known.
    pub(crate) name_place: Diagnostic,
}

/// The input of a nested chain.
#[derive(Debug)]
pub(crate) enum NestedInput {
    /// The input of the outer chain.
    Inherited,
    Given(Box<[(String, Template)]>),
}

/// Whether the tokens of a step are events of the run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TokenDelivery {
    Streamed,
    Buffered,
}

/// The kind of a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StepKind {
    /// A simulated tool, such as a lookup: takes time and returns a text.
    Tool,
    /// A call to a language model.
    Llm,
    /// An HTTP request.
    Http,
    /// A run of another chain.
    Chain,
}

impl StepKind {
    /// The name of the kind in chain files.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Tool => "tool",
            Self::Llm => "llm",
            Self::Http => "http",
            Self::Chain => "chain",
        }
    }
}

impl Step {
    /// The index in [`Plan::steps`](crate::Plan::steps).
    pub const fn index(&self) -> usize {
        self.index
    }

    /// The name, unique within the plan.
    pub const fn name(&self) -> &Arc<str> {
        &self.name
    }

    /// The kind of its action.
    pub const fn kind(&self) -> StepKind {
        match self.action {
            Action::Tool(_) => StepKind::Tool,
            Action::Llm(_) => StepKind::Llm,
            Action::Http(_) => StepKind::Http,
            Action::Chain(_) => StepKind::Chain,
        }
    }

    /// The indices of the steps that must end before it starts; all are smaller than its own.
    pub const fn needs(&self) -> &[usize] {
        &self.needs
    }

    /// The names of the steps that must end before it starts, in the order of [`Step::needs`].
    pub const fn need_names(&self) -> &[Arc<str>] {
        &self.need_names
    }

    /// The model that an `llm` step calls.
    pub const fn model(&self) -> Option<&Arc<str>> {
        match &self.action {
            Action::Llm(llm) => Some(&llm.model),
            Action::Tool(_) | Action::Http(_) | Action::Chain(_) => None,
        }
    }

    /// Whether it runs only when another step fails.
    pub const fn is_fallback(&self) -> bool {
        self.policy.fallback_for.is_some()
    }

    /// The chain that a `chain` step runs.
    pub const fn nested(&self) -> Option<&Arc<str>> {
        match &self.action {
            Action::Chain(nested) => Some(&nested.name),
            Action::Tool(_) | Action::Llm(_) | Action::Http(_) => None,
        }
    }

    /// The limit of output tokens that an `llm` step sets.
    pub const fn max_tokens(&self) -> Option<u32> {
        match &self.action {
            Action::Llm(llm) => llm.max_tokens,
            Action::Tool(_) | Action::Http(_) | Action::Chain(_) => None,
        }
    }

    /// The mean duration of one attempt, where the chain defines it: for every `tool` step, and for an `llm` step with
    /// a fixed `total`.
    pub fn expected(&self) -> Option<Duration> {
        match &self.action {
            Action::Tool(tool) => Some(tool.latency.mean()),
            Action::Llm(llm) => llm.total,
            Action::Http(_) | Action::Chain(_) => None,
        }
    }
}
