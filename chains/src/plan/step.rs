//! One step of a plan, checked.

use std::{sync::Arc, time::Duration};

use weir_pace::Latency;

use super::{policy::Policy, template::Template};
use crate::{http::HttpMethod, llm::LlmTool, output::StepOutput};

/// A node of a [`Plan`](crate::Plan)'s graph.
#[derive(Debug)]
pub struct Step {
    pub(crate) index: usize,
    pub(crate) name: Arc<str>,
    pub(crate) needs: Box<[usize]>,
    pub(crate) need_names: Box<[Arc<str>]>,
    pub(crate) feeds: Box<[usize]>,
    pub(crate) work: Work,
    pub(crate) policy: Policy,
}

/// What a step does.
#[derive(Debug)]
pub(crate) enum Work {
    Tool(ToolWork),
    Llm(LlmWork),
    Http(HttpWork),
    Chain(NestedWork),
}

#[derive(Debug)]
pub(crate) struct ToolWork {
    pub(crate) takes: Latency,
    pub(crate) gives: Gives,
    /// The share of attempts that fail, from 0 to 1.
    pub(crate) fails: f64,
}

/// The text of a tool: the same each time, or made from what came before.
#[derive(Debug)]
pub(crate) enum Gives {
    Fixed(Arc<StepOutput>),
    Rendered(Template),
}

#[derive(Debug)]
pub(crate) struct LlmWork {
    pub(crate) model: Arc<str>,
    pub(crate) prompt: Template,
    pub(crate) max_tokens: Option<u32>,
    pub(crate) total: Option<Duration>,
    pub(crate) tokens: TokenFlow,
    pub(crate) tools: Arc<[LlmTool]>,
}

#[derive(Debug)]
pub(crate) struct HttpWork {
    pub(crate) method: HttpMethod,
    pub(crate) url: Template,
    pub(crate) headers: Box<[(Arc<str>, Template)]>,
    pub(crate) body: Option<Template>,
}

/// Another chain, run as a step.
#[derive(Debug)]
pub(crate) struct NestedWork {
    pub(crate) name: Arc<str>,
    pub(crate) input: NestedInput,
    pub(crate) tokens: TokenFlow,
    /// Where the name is written, for a fault that shows only once all chains are known.
    pub(crate) written: Written,
}

/// What a nested chain gets as its input.
#[derive(Debug)]
pub(crate) enum NestedInput {
    /// The same as the chain that it is a step of.
    Inherited,
    Given(Box<[(String, Template)]>),
}

/// A place in a chain file.
#[derive(Clone, Debug)]
pub(crate) struct Written {
    pub(crate) origin: Arc<str>,
    pub(crate) line: usize,
}

/// Whether the tokens of a step are part of the run's events.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TokenFlow {
    Streamed,
    Held,
}

/// The kinds of steps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StepKind {
    /// Something that takes time and gives a text: a lookup, a computation.
    Tool,
    /// A call of a language model.
    Llm,
    /// A call over the network.
    Http,
    /// A run of another chain.
    Chain,
}

impl StepKind {
    /// The name of the kind, as chain files spell it.
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
    /// Its place in [`Plan::steps`](crate::Plan::steps).
    pub const fn index(&self) -> usize {
        self.index
    }

    /// Its name, unique within the plan.
    pub const fn name(&self) -> &Arc<str> {
        &self.name
    }

    /// What kind of work it does.
    pub const fn kind(&self) -> StepKind {
        match self.work {
            Work::Tool(_) => StepKind::Tool,
            Work::Llm(_) => StepKind::Llm,
            Work::Http(_) => StepKind::Http,
            Work::Chain(_) => StepKind::Chain,
        }
    }

    /// The places of the steps that must end before it starts; all smaller than its own.
    pub const fn needs(&self) -> &[usize] {
        &self.needs
    }

    /// The names of the steps that must end before it starts, in the order of [`Step::needs`].
    pub const fn need_names(&self) -> &[Arc<str>] {
        &self.need_names
    }

    /// The model that an `llm` step calls.
    pub const fn model(&self) -> Option<&Arc<str>> {
        match &self.work {
            Work::Llm(llm) => Some(&llm.model),
            Work::Tool(_) | Work::Http(_) | Work::Chain(_) => None,
        }
    }

    /// Whether it is done only when another step fails.
    pub const fn is_fallback(&self) -> bool {
        self.policy.stands_in_for.is_some()
    }

    /// The chain that a `chain` step runs.
    pub const fn nested(&self) -> Option<&Arc<str>> {
        match &self.work {
            Work::Chain(nested) => Some(&nested.name),
            Work::Tool(_) | Work::Llm(_) | Work::Http(_) => None,
        }
    }

    /// The limit of output tokens that an `llm` step sets.
    pub const fn max_tokens(&self) -> Option<u32> {
        match &self.work {
            Work::Llm(llm) => llm.max_tokens,
            Work::Tool(_) | Work::Http(_) | Work::Chain(_) => None,
        }
    }

    /// How long one attempt takes on average, as far as the chain alone says that: always for a `tool` step,
    /// for an `llm` step when it fixes its `total`.
    pub fn expected(&self) -> Option<Duration> {
        match &self.work {
            Work::Tool(tool) => Some(tool.takes.mean()),
            Work::Llm(llm) => llm.total,
            Work::Http(_) | Work::Chain(_) => None,
        }
    }
}
