//! What the answers of OpenAI's chat completions, completions and embeddings have in common.

use serde::Deserialize;

use crate::record::Problem;
use crate::task::read::{InputDetails, Presence, Usage, parse, protocol_problem};

/// `usage` of an answer or event.
#[derive(Copy, Clone, Debug, Deserialize)]
pub(super) struct Counts {
    #[serde(default)]
    prompt_tokens: Option<u64>,
    #[serde(default)]
    prompt_tokens_details: Option<InputDetails>,
    #[serde(default)]
    completion_tokens: Option<u64>,
}

#[derive(Deserialize)]
struct Answer<'a> {
    #[serde(borrow, default)]
    choices: Presence<'a>,
    #[serde(default)]
    usage: Option<Counts>,
}

impl From<Option<Counts>> for Usage {
    fn from(counts: Option<Counts>) -> Self {
        counts.map_or_else(Self::default, |counts| Self {
            input: counts.prompt_tokens,
            cached: counts.prompt_tokens_details.and_then(|details| details.cached_tokens),
            output: counts.completion_tokens,
        })
    }
}

/// Reads an answer with `choices`.
pub(super) fn read_choices(body: &[u8]) -> Result<Usage, Problem> {
    let answer: Answer<'_> = parse(body)?;
    if !answer.choices.is_some() {
        return Err(protocol_problem("the answer holds no choices"));
    }
    Ok(answer.usage.into())
}
