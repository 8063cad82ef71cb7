//! The kinds of errors in chain files.

use weir_pace::{SettingProblem, Suggestion};

use crate::template::TemplateError;

/// What is wrong, with the offending value and what would be valid. The [`SpecError`](crate::SpecError) that contains it
/// has the location.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum SpecErrorKind {
    /// The file is too long.
    #[error("the file has {bytes} bytes; at most {max} are read")]
    TooLong {
        /// Its length.
        bytes: usize,
        /// The limit.
        max: usize,
    },
    /// The file is not TOML, or has a duplicate table or key.
    #[error("{message}")]
    Syntax {
        /// The message of the TOML parser.
        message: String,
    },
    /// An unknown or missing key, or a value of the wrong type.
    #[error("{0}")]
    Setting(SettingProblem),
    /// An invalid value.
    #[error("{message}")]
    Value {
        /// What is wrong and what would be valid.
        message: String,
    },
    /// More chains than a catalog may hold.
    #[error("there are more than {max} chains")]
    TooManyChains {
        /// The limit.
        max: usize,
    },
    /// An invalid name.
    #[error("`{name}` is not a valid name: {rule}")]
    BadName {
        /// The name.
        name: String,
        /// What a name must look like.
        rule: &'static str,
    },
    /// A chain without steps.
    #[error("the chain has no steps; at least one table [chain.NAME.step.STEP] is required")]
    NoSteps,
    /// Too many steps.
    #[error("there are {count} steps; at most {max} are allowed")]
    TooManySteps {
        /// The number of steps.
        count: usize,
        /// The limit.
        max: usize,
    },
    /// A step without an action.
    #[error("the step has no action; one of `tool`, `llm`, `http` and `chain` is required")]
    NoAction,
    /// A step with more than one action.
    #[error("a step has only one of `tool`, `llm`, `http` and `chain`; split it into two steps")]
    SeveralActions,
    /// `stream` on a step that yields no tokens.
    #[error("only `llm` and `chain` steps can stream tokens")]
    NoTokensToStream,
    /// A step needs one that does not exist.
    #[error("there is no step `{name}`{suggestion}")]
    UnknownNeed {
        /// The name of the missing step.
        name: String,
        /// What to write instead.
        suggestion: Suggestion,
    },
    /// A step needs itself.
    #[error("a step cannot need itself")]
    SelfNeed,
    /// A step lists a need twice.
    #[error("`{name}` is listed twice")]
    RepeatedNeed {
        /// The name.
        name: String,
    },
    /// A step that cannot be a fallback.
    #[error("`{name}` cannot be a fallback: {rule}")]
    BadFallback {
        /// The name.
        name: String,
        /// Why not.
        rule: &'static str,
    },
    /// A step runs a chain that does not exist.
    #[error("there is no chain `{name}`{suggestion}")]
    UnknownChain {
        /// The name of the missing chain.
        name: String,
        /// What to write instead.
        suggestion: Suggestion,
    },
    /// Chains run each other in a cycle.
    #[error("the chains run each other in a cycle: {path}")]
    ChainCycle {
        /// The names on the cycle, each running the next.
        path: String,
    },
    /// Chains nested too deeply.
    #[error("chains are nested {depth} deep here; at most {max} are allowed")]
    TooDeep {
        /// The depth.
        depth: usize,
        /// The limit.
        max: usize,
    },
    /// Steps need each other in a cycle.
    #[error("the steps need each other in a cycle: {path}")]
    Cycle {
        /// The names on the cycle, each needing the next.
        path: String,
    },
    /// A template that cannot be compiled.
    #[error("{0}")]
    Template(TemplateError),
    /// A template that refers to a name that does not exist.
    #[error("the template refers to `{name}`, which is neither `input` nor a step{suggestion}")]
    UnknownReference {
        /// The name.
        name: String,
        /// What to write instead.
        suggestion: Suggestion,
    },
    /// A template that refers to its own step.
    #[error("the template refers to its own step, which has no output yet")]
    SelfReference,
    /// A template that refers to a step that may not have ended when it is rendered.
    #[error("the template refers to step `{name}`, which may not have ended by then; add it to `needs`")]
    ReferenceNotNeeded {
        /// The step.
        name: String,
    },
}

impl SpecErrorKind {
    /// What to write instead, if that is known. The text of the kind ends with it.
    pub(super) fn suggestion(&self) -> Option<&Suggestion> {
        match self {
            Self::Setting(problem) => problem.suggestion(),
            Self::UnknownNeed { suggestion, .. }
            | Self::UnknownChain { suggestion, .. }
            | Self::UnknownReference { suggestion, .. } => Some(suggestion),
            Self::TooLong { .. }
            | Self::Syntax { .. }
            | Self::Value { .. }
            | Self::TooManyChains { .. }
            | Self::BadName { .. }
            | Self::NoSteps
            | Self::TooManySteps { .. }
            | Self::NoAction
            | Self::SeveralActions
            | Self::NoTokensToStream
            | Self::SelfNeed
            | Self::RepeatedNeed { .. }
            | Self::BadFallback { .. }
            | Self::ChainCycle { .. }
            | Self::TooDeep { .. }
            | Self::Cycle { .. }
            | Self::Template(_)
            | Self::SelfReference
            | Self::ReferenceNotNeeded { .. } => None,
        }
    }
}
