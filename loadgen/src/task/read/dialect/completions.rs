//! OpenAI's older completions: `text_completion`, streamed or not.

use serde::Deserialize;
use serde_json::value::RawValue;

use crate::record::Problem;

use super::super::held::{Deltas, Held, Present, Together};
use super::super::json::{parse, refuse};
use super::chat::Counts;

#[derive(Deserialize)]
struct Chunk<'a> {
    #[serde(borrow, default)]
    choices: Together<'a, Choice<'a>>,
    #[serde(default)]
    usage: Option<Counts>,
    #[serde(borrow, default)]
    error: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct Choice<'a> {
    #[serde(borrow, default)]
    text: Present<'a>,
}

impl<'a> From<Choice<'a>> for Deltas<'a> {
    fn from(choice: Choice<'a>) -> Self {
        Self::output(choice.text)
    }
}

pub(in super::super) fn event(data: &[u8]) -> Result<Held<'_>, Problem> {
    let chunk: Chunk<'_> = parse(data)?;
    refuse(chunk.error)?;
    Ok(Held { deltas: chunk.choices.deltas, usage: chunk.usage.into(), ..Held::default() })
}
