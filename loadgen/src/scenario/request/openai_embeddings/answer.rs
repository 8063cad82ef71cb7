//! OpenAI's embeddings.

use serde::Deserialize;
use serde_json::value::RawValue;

use crate::record::Problem;

use crate::scenario::request::openai::Counts;
use crate::task::read::{BodyContent, Presence, fail_on_error, parse, protocol_problem, read_usage};

#[derive(Deserialize)]
struct Answer<'a> {
    #[serde(borrow, default)]
    data: Presence<'a>,
    #[serde(borrow, default)]
    usage: Option<&'a RawValue>,
    #[serde(borrow, default)]
    error: Option<&'a RawValue>,
}

pub(super) fn read_body(body: &[u8]) -> Result<BodyContent, Problem> {
    let answer: Answer<'_> = parse(body)?;
    fail_on_error(answer.error)?;
    if !answer.data.is_some() {
        return Err(protocol_problem("the answer holds no embeddings"));
    }
    Ok(BodyContent { usage: read_usage::<Counts>(answer.usage), is_empty: false })
}
