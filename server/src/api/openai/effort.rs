//! The reasoning tokens of each effort, of models whose profile has no figures. The provider publishes none; these
//! quadruple from step to step, and a medium effort is a few hundred tokens, as its reasoning models spend on everyday
//! questions.

use weir_model::{Effort, Reasoning};

/// Returns the reasoning before an answer to a request that names `effort`.
pub(super) const fn reasoning(effort: Option<Effort>) -> Reasoning {
    match effort {
        None | Some(Effort::None) => Reasoning::None,
        Some(Effort::Minimal) => Reasoning::Tokens(32),
        Some(Effort::Low) => Reasoning::Tokens(128),
        Some(Effort::Medium) => Reasoning::Tokens(512),
        Some(Effort::High) => Reasoning::Tokens(2_048),
        Some(Effort::Xhigh) => Reasoning::Tokens(8_192),
        Some(Effort::Max) => Reasoning::Tokens(16_384),
        Some(Effort::Budget(tokens)) => Reasoning::Tokens(tokens),
    }
}
