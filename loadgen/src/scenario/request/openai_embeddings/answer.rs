//! OpenAI's embeddings.

use serde::Deserialize;

use crate::record::Problem;

use crate::scenario::request::openai::Counts;
use crate::task::read::{Presence, Usage, parse, protocol_problem};

#[derive(Deserialize)]
struct Answer<'a> {
    #[serde(borrow, default)]
    data: Presence<'a>,
    #[serde(default)]
    usage: Option<Counts>,
}

pub(super) fn read_body(body: &[u8]) -> Result<Usage, Problem> {
    let answer: Answer<'_> = parse(body)?;
    if !answer.data.is_some() {
        return Err(protocol_problem("the answer holds no embeddings"));
    }
    Ok(answer.usage.into())
}
