//! Options of the answer, with their limits.

use std::borrow::Cow;

use weir_model::Reasoning;

use super::raw::{Display, Effort, RawRequest, RawThinking, ThinkingKind};
use crate::{
    api::anthropic::{body::wrong, version::Version},
    request::Problem,
};

/// The minimum reasoning budget in tokens.
const BUDGET_MIN: u32 = 1_024;
/// Maximum stop sequences of one request.
const STOP_SEQUENCES_MAX: usize = 256;

/// Returns the reasoning before the answer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in crate::api::anthropic) struct Thinking {
    pub(super) reasoning: Reasoning,
    pub(super) effort: Option<weir_model::Effort>,
    pub(in crate::api::anthropic) display: Display,
    /// Whether earlier answers that called tools must have their blocks of reasoning.
    pub(super) blocks: ThoughtBlocks,
}

/// Whether the last answer must have its blocks of reasoning.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum ThoughtBlocks {
    #[default]
    Optional,
    Required,
}

impl Thinking {
    /// `is_forced`: whether the model must call a tool.
    pub(super) fn check(raw: &RawRequest<'_>, is_forced: bool) -> Result<Self, Problem> {
        let Some(&RawThinking { kind, budget_tokens, display }) = raw.thinking.as_deref() else {
            return Ok(Self::default());
        };
        let blocks = match kind {
            ThinkingKind::Enabled => ThoughtBlocks::Required,
            ThinkingKind::Disabled | ThinkingKind::BetweenTools | ThinkingKind::Adaptive => {
                ThoughtBlocks::Optional
            }
        };
        let (tokens, effort) = match kind {
            ThinkingKind::Disabled | ThinkingKind::BetweenTools => {
                return Ok(Self { effort: Some(weir_model::Effort::None), ..Self::default() });
            }
            ThinkingKind::Adaptive => {
                let effort = raw.output_config.as_ref().and_then(|config| config.effort);
                adaptive(effort.unwrap_or(Effort::High))
            }
            ThinkingKind::Enabled => {
                let tokens = budget(budget_tokens, raw.max_tokens)?;
                (tokens, weir_model::Effort::Budget(tokens))
            }
        };
        if is_forced {
            return Err(wrong("thinking", "Thinking may not be enabled when tool_choice forces tool use."));
        }
        if raw.temperature.is_some_and(|temperature| temperature != 1.0) {
            return Err(wrong("temperature", "may only be set to 1 when thinking is enabled"));
        }
        let (reasoning, effort) = (Reasoning::Tokens(tokens), Some(effort));
        Ok(Self { reasoning, effort, display: display.unwrap_or_default(), blocks })
    }
}

/// The reasoning tokens of an adaptive model whose profile has no figures, twice as many with each step of effort; and the
/// effort.
const fn adaptive(effort: Effort) -> (u32, weir_model::Effort) {
    match effort {
        Effort::Low => (128, weir_model::Effort::Low),
        Effort::Medium => (256, weir_model::Effort::Medium),
        Effort::High => (512, weir_model::Effort::High),
        Effort::Xhigh => (1_024, weir_model::Effort::Xhigh),
        Effort::Max => (2_048, weir_model::Effort::Max),
    }
}

fn budget(tokens: Option<u32>, max_tokens: Option<u32>) -> Result<u32, Problem> {
    const PATH: &str = "thinking.enabled.budget_tokens";
    let tokens = tokens.ok_or_else(|| wrong(PATH, "Field required"))?;
    if tokens < BUDGET_MIN {
        return Err(wrong(PATH, &format!("Input should be greater than or equal to {BUDGET_MIN}")));
    }
    if max_tokens.is_some_and(|max_tokens| max_tokens <= tokens) {
        return Err(Problem::invalid(
            Some("max_tokens".to_owned()),
            "`max_tokens` must be greater than `thinking.budget_tokens`".to_owned(),
        ));
    }
    Ok(tokens)
}

/// Checks the sampling parameters, which do not affect a simulated model.
pub(super) fn check_sampling(raw: &RawRequest<'_>, version: Version) -> Result<(), Problem> {
    let given = [("temperature", raw.temperature), ("top_p", raw.top_p), ("top_k", raw.top_k.map(f64::from))];
    let given = given.into_iter().filter_map(|(name, value)| Some((name, value?)));
    for (name, value) in given {
        match version {
            Version::V2026 => return Err(wrong(name, "Extra inputs are not permitted")),
            Version::V2023 if name == "top_k" => {}
            Version::V2023 if value < 0.0 => {
                return Err(wrong(name, "Input should be greater than or equal to 0"));
            }
            Version::V2023 if value > 1.0 => {
                return Err(wrong(name, "Input should be less than or equal to 1"));
            }
            Version::V2023 => {}
        }
    }
    Ok(())
}

/// Checks the stop sequences.
pub(super) fn stop_sequences(given: Option<Vec<Cow<'_, str>>>) -> Result<Vec<Cow<'_, str>>, Problem> {
    let given = given.unwrap_or_default();
    if given.len() > STOP_SEQUENCES_MAX {
        let message = format!("List should have at most {STOP_SEQUENCES_MAX} items");
        return Err(wrong("stop_sequences", &message));
    }
    if given.iter().any(|sequence| sequence.trim().is_empty()) {
        return Err(wrong("stop_sequences", "each stop sequence must contain non-whitespace"));
    }
    Ok(given)
}
