//! OpenAI's embeddings.

use serde::Deserialize;

use crate::record::Problem;

use super::super::held::{Present, Usage};
use super::super::json::{parse, protocol};
use super::chat::Counts;

#[derive(Deserialize)]
struct Answer<'a> {
    #[serde(borrow, default)]
    data: Present<'a>,
    #[serde(default)]
    usage: Option<Counts>,
}

pub(in super::super) fn answer(body: &[u8]) -> Result<Usage, Problem> {
    let answer: Answer<'_> = parse(body)?;
    if !answer.data.is_some() {
        return Err(protocol("the answer holds no embeddings"));
    }
    Ok(answer.usage.into())
}
