//! OpenAI's older completions: `text_completion`, streamed or not.

use serde::Deserialize;
use serde_json::value::RawValue;

use crate::record::Problem;

use crate::scenario::request::openai::Counts;
use crate::task::read::{Deltas, MergedDeltas, ParsedEvent, Presence, fail_on_error, parse};

#[derive(Deserialize)]
struct Chunk<'a> {
    #[serde(borrow, default)]
    choices: MergedDeltas<'a, Choice<'a>>,
    #[serde(default)]
    usage: Option<Counts>,
    #[serde(borrow, default)]
    error: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct Choice<'a> {
    #[serde(borrow, default)]
    text: Presence<'a>,
}

impl<'a> From<Choice<'a>> for Deltas<'a> {
    fn from(choice: Choice<'a>) -> Self {
        Self::output(choice.text)
    }
}

pub(super) fn read_event(data: &[u8]) -> Result<ParsedEvent<'_>, Problem> {
    let chunk: Chunk<'_> = parse(data)?;
    fail_on_error(chunk.error)?;
    Ok(ParsedEvent { deltas: chunk.choices.deltas, usage: chunk.usage.into(), ..ParsedEvent::default() })
}
