//! What the answers of OpenAI's chat completions, completions and embeddings have in common.

use serde::Deserialize;
use serde_json::value::RawValue;

use crate::record::Problem;
use crate::task::read::{
    Deltas, InputDetails, MergedDeltas, ParsedEvent, Presence, Usage, fail_on_error, parse, protocol_problem,
};

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

/// An event of a stream, whose choices are of type `C`.
#[derive(Deserialize)]
#[serde(bound(deserialize = "'de: 'a, C: Deserialize<'de> + Into<Deltas<'a>>"))]
struct Chunk<'a, C> {
    #[serde(default = "MergedDeltas::default")]
    choices: MergedDeltas<'a, C>,
    #[serde(default)]
    usage: Option<Counts>,
    #[serde(borrow, default)]
    error: Option<&'a RawValue>,
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

/// Reads an event whose choices are of type `C`.
pub(super) fn read_chunk<'d, C: Deserialize<'d> + Into<Deltas<'d>>>(
    data: &'d [u8],
) -> Result<ParsedEvent<'d>, Problem> {
    let chunk: Chunk<'d, C> = parse(data)?;
    fail_on_error(chunk.error)?;
    Ok(ParsedEvent { deltas: chunk.choices.deltas, usage: chunk.usage.into(), ..ParsedEvent::default() })
}

/// Reads an answer with `choices`.
pub(super) fn read_choices(body: &[u8]) -> Result<Usage, Problem> {
    let answer: Answer<'_> = parse(body)?;
    if !answer.choices.is_some() {
        return Err(protocol_problem("the answer holds no choices"));
    }
    Ok(answer.usage.into())
}
