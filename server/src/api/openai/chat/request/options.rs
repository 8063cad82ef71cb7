//! The scalar options of a chat request.

use weir_model::Effort;

use super::raw::RawChat;
use crate::{
    api::openai::{
        bounds::{decimal, integer, not_empty},
        sampling::check_stream_options,
        strictness::{check_default, check_unsupported, is_reasoning, unsupported_parameter},
    },
    request::{
        Problem,
        json::{self, PositiveU32},
    },
};

/// The efforts that can be requested.
const EFFORTS: [(&str, Effort); 7] = [
    ("none", Effort::None),
    ("minimal", Effort::Minimal),
    ("low", Effort::Low),
    ("medium", Effort::Medium),
    ("high", Effort::High),
    ("xhigh", Effort::Xhigh),
    ("max", Effort::Max),
];

/// Requestable tiers, and the tier that answers.
const TIERS: [(&str, &str); 6] = [
    ("auto", "default"),
    ("default", "default"),
    ("flex", "flex"),
    ("scale", "scale"),
    ("priority", "priority"),
    ("fast", "priority"),
];

/// Checks options with bounds.
pub(super) fn check(raw: &RawChat<'_>) -> Result<(), Problem> {
    not_empty("messages", &raw.messages.0)?;
    integer("n", raw.n.map(|PositiveU32(n)| n), &(1..=128))?;
    decimal("temperature", raw.temperature, &(0.0..=2.0))?;
    decimal("top_p", raw.top_p, &(0.0..=1.0))?;
    decimal("frequency_penalty", raw.frequency_penalty, &(-2.0..=2.0))?;
    decimal("presence_penalty", raw.presence_penalty, &(-2.0..=2.0))?;
    integer("top_logprobs", raw.top_logprobs, &(0..=20))?;
    check_stream_options(raw.stream, raw.stream_options.is_some())?;
    check_limits(raw.max_tokens, raw.max_completion_tokens)?;
    if raw.top_logprobs.is_some_and(|top| top > 0) && raw.logprobs != Some(true) {
        let message = "The 'top_logprobs' parameter is only allowed when 'logprobs' is enabled.".to_owned();
        return Err(Problem::field("top_logprobs", "invalid_value", message));
    }
    Ok(())
}

/// Refuses what the provider refuses besides: options of streams for plain answers, and parameters that its reasoning
/// models do not take.
pub(super) fn check_model(raw: &RawChat<'_>) -> Result<(), Problem> {
    if raw.stream != Some(true) {
        check_stream_options(None, raw.stream_options.is_some())?;
    }
    if !raw.model.as_deref().is_some_and(is_reasoning) {
        return Ok(());
    }
    if raw.max_tokens.is_some() {
        return Err(unsupported_parameter("max_tokens", Some("max_completion_tokens")));
    }
    check_default("temperature", raw.temperature, 1.0)?;
    check_unsupported("top_p", raw.top_p, 1.0)?;
    check_unsupported("presence_penalty", raw.presence_penalty, 0.0)?;
    check_unsupported("frequency_penalty", raw.frequency_penalty, 0.0)?;
    // The first reasoning models took stop sequences.
    if raw.stop.is_some() && !raw.model.as_deref().is_some_and(|model| model.starts_with("o1")) {
        return Err(unsupported_parameter("stop", None));
    }
    if raw.logprobs == Some(true) { Err(unsupported_parameter("logprobs", None)) } else { Ok(()) }
}

/// Checks the token limits. The provider's SDK sends both of them as 0.
fn check_limits(max_tokens: Option<u32>, max_completion_tokens: Option<u32>) -> Result<(), Problem> {
    match (max_tokens, max_completion_tokens) {
        (Some(_), Some(_)) => Ok(()),
        (max_tokens, max_completion_tokens) => {
            integer("max_tokens", max_tokens, &(1..=u32::MAX))?;
            integer("max_completion_tokens", max_completion_tokens, &(1..=u32::MAX))
        }
    }
}

/// The requested effort.
pub(super) fn effort(effort: Option<&str>) -> Result<Option<Effort>, Problem> {
    let Some(effort) = effort else { return Ok(None) };
    match EFFORTS.iter().find(|(name, _)| *name == effort) {
        Some((_, effort)) => Ok(Some(*effort)),
        None => Err(json::unsupported("reasoning_effort", effort, &EFFORTS.map(|(name, _)| name))),
    }
}

/// The tier that answers.
pub(super) fn service_tier(tier: Option<&str>) -> Result<&'static str, Problem> {
    let Some(tier) = tier else { return Ok("default") };
    let found = TIERS.iter().find(|(name, _)| *name == tier);
    found
        .map(|(_, answering)| *answering)
        .ok_or_else(|| json::unsupported("service_tier", tier, &TIERS.map(|(name, _)| name)))
}
