//! OpenAI's older completions: `text_completion`, streamed or not.

use serde::Deserialize;

use crate::record::Problem;
use crate::scenario::request::openai::read_chunk;
use crate::task::read::{Deltas, ParsedEvent, Presence};

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
    read_chunk::<Choice<'_>>(data)
}
