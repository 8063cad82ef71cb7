//! The scalar options of a chat request.

use weir_model::Reasoning;

use super::raw::RawChat;
use crate::{
    api::openai::{
        bounds::{decimal, integer, not_empty},
        effort,
    },
    request::{
        Problem,
        json::{self, PositiveU32},
    },
};

/// Efforts, and the reasoning tokens of each.
const EFFORTS: [(&str, u32); 7] = [
    ("none", 0),
    ("minimal", effort::MINIMAL),
    ("low", effort::LOW),
    ("medium", effort::MEDIUM),
    ("high", effort::HIGH),
    ("xhigh", effort::XHIGH),
    ("max", effort::MAX),
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
    if raw.top_logprobs.is_some_and(|top| top > 0) && raw.logprobs != Some(true) {
        let message = "The 'top_logprobs' parameter is only allowed when 'logprobs' is enabled.".to_owned();
        return Err(Problem::field("top_logprobs", "invalid_value", message));
    }
    Ok(())
}

pub(super) fn reasoning(effort: Option<&str>) -> Result<Reasoning, Problem> {
    let Some(effort) = effort else { return Ok(Reasoning::None) };
    match EFFORTS.iter().find(|(name, _)| *name == effort) {
        Some((_, 0)) => Ok(Reasoning::None),
        Some((_, tokens)) => Ok(Reasoning::Tokens(*tokens)),
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
