//! What can be wrong with a chain.

use super::template::TemplateFault;

/// What is wrong, with the value at fault and what would be right. Where it is wrong is said by
/// [`SpecError`](crate::SpecError) around it.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum PlanError {
    /// The file is longer than chain files may be.
    #[error("the file has {bytes} bytes; at most {max} are read")]
    TooLong {
        /// Its length.
        bytes: usize,
        /// The limit.
        max: usize,
    },
    /// The file is not TOML, or names a table or key twice.
    #[error("{message}{}", .near.as_ref().map_or_else(String::new, |near| format!(", at `{near}`")))]
    Syntax {
        /// What the TOML parser says.
        message: String,
        /// The text at which it says so.
        near: Option<String>,
    },
    /// A key that means nothing where it stands.
    #[error("unknown key{}; known here: `{}`", hint(.nearest.as_deref()), .known.join("`, `"))]
    UnknownKey {
        /// The known key that looks most like it.
        nearest: Option<String>,
        /// All known keys.
        known: &'static [&'static str],
    },
    /// A value that is not of its kind.
    #[error("{message}")]
    Value {
        /// What is wrong, and what would be right.
        message: String,
    },
    /// More chains than a catalogue holds.
    #[error("there are more than {max} chains")]
    TooManyChains {
        /// The limit.
        max: usize,
    },
    /// A name that cannot be used.
    #[error("`{name}` cannot be a name: {rule}")]
    BadName {
        /// The name.
        name: String,
        /// What a name must be.
        rule: &'static str,
    },
    /// A chain without steps.
    #[error("there are no steps; at least one table [chain.NAME.step.STEP] is needed")]
    NoSteps,
    /// More steps than a chain may have.
    #[error("there are {count} steps; at most {max} are allowed")]
    TooManySteps {
        /// How many there are.
        count: usize,
        /// The limit.
        max: usize,
    },
    /// A step that does nothing.
    #[error("the step does nothing; one of `tool`, `llm`, `http` and `chain` is needed")]
    NoWork,
    /// A step that does two things.
    #[error("a step is one of `tool`, `llm`, `http` and `chain`; make it two steps")]
    TwoKinds,
    /// Tokens are to be streamed from a step that has none.
    #[error("only `llm` and `chain` steps have tokens to stream")]
    StreamedTool,
    /// A step needs one that is not there.
    #[error("there is no step `{name}`{}", hint(.nearest.as_deref()))]
    UnknownNeed {
        /// The name of the missing step.
        name: String,
        /// The step that looks most like it.
        nearest: Option<String>,
    },
    /// A step needs itself.
    #[error("a step cannot need itself")]
    SelfNeed,
    /// A step names one that it needs twice.
    #[error("`{name}` is named twice")]
    RepeatedNeed {
        /// The name.
        name: String,
    },
    /// A step that cannot stand in for another.
    #[error("`{name}` cannot be a fallback: {rule}")]
    BadFallback {
        /// Its name.
        name: String,
        /// Why not.
        rule: &'static str,
    },
    /// A step runs a chain that is not there.
    #[error("there is no chain `{name}`{}", hint(.nearest.as_deref()))]
    UnknownChain {
        /// The name of the missing chain.
        name: String,
        /// The chain that looks most like it.
        nearest: Option<String>,
    },
    /// Chains run each other in a circle.
    #[error("the chains run each other in a circle: {path}")]
    ChainCycle {
        /// The names on the circle, each running the next.
        path: String,
    },
    /// Chains within chains within chains.
    #[error("chains are nested {depth} deep here; at most {max} are allowed")]
    TooDeep {
        /// How deep.
        depth: usize,
        /// The limit.
        max: usize,
    },
    /// Steps need each other in a circle.
    #[error("the steps need each other in a circle: {path}")]
    Cycle {
        /// The names on the circle, each needing the next.
        path: String,
    },
    /// A template that cannot be compiled.
    #[error("{0}")]
    Template(TemplateFault),
    /// A template that mentions something that does not exist.
    #[error("the template mentions `{name}`, which is neither `input` nor a step{}", hint(.nearest.as_deref()))]
    UnknownMention {
        /// The name.
        name: String,
        /// The name that looks most like it.
        nearest: Option<String>,
    },
    /// A template that mentions its own step.
    #[error("the template mentions its own step, which has given nothing by then")]
    OwnOutput,
    /// A template that mentions a step which need not have ended by then.
    #[error("the template mentions step `{name}`, which may not have ended by then; add it to `needs`")]
    NotNeeded {
        /// The step.
        name: String,
    },
}

fn hint(nearest: Option<&str>) -> String {
    nearest.map_or_else(String::new, |name| format!(" (did you mean `{name}`?)"))
}
