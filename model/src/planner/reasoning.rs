//! The reasoning before an answer.

use weir_pace::Seed;

use super::{GenerationRequest, Reasoning};
use crate::profile::{Profile, ReasoningVisibility};

/// Returns the tokens of reasoning before an answer: as many as the profile has for the requested effort, or as the request
/// asks of models without figures.
pub(super) fn tokens(profile: &Profile, request: &GenerationRequest<'_>, seed: Seed) -> u32 {
    match (&profile.reasoning, request.reasoning) {
        (Some(phase), _) => phase.sample(request.effort, &mut seed.named("effort").rng()),
        (None, Reasoning::Tokens(tokens)) => tokens,
        (None, Reasoning::None) => 0,
    }
}

/// The mean number of these tokens.
pub(super) fn mean_tokens(profile: &Profile, request: &GenerationRequest<'_>) -> f64 {
    match (&profile.reasoning, request.reasoning) {
        (Some(phase), _) => phase.mean(request.effort),
        (None, Reasoning::Tokens(tokens)) => f64::from(tokens),
        (None, Reasoning::None) => 0.0,
    }
}

/// Whether the client receives them.
pub(super) fn visibility(profile: &Profile) -> ReasoningVisibility {
    profile.reasoning.as_ref().map_or(ReasoningVisibility::Shown, |phase| phase.visibility)
}
