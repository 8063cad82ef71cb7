//! Chains: their steps and tokens as events, or their result.

use serde::Deserialize;
use serde_json::value::RawValue;

use crate::record::{FailureKind, Problem};

use super::super::held::{Deltas, Held, Present, Usage};
use super::super::json::{parse, refuse};

#[derive(Deserialize)]
struct Event<'a> {
    #[serde(rename = "type", default)]
    kind: EventType,
    #[serde(borrow, default)]
    error: Option<&'a RawValue>,
}

/// The types of events, as far as they are told apart.
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum EventType {
    Token,
    #[default]
    #[serde(other)]
    Another,
}

#[derive(Deserialize)]
struct Answer<'a> {
    status: String,
    #[serde(borrow, default)]
    error: Option<&'a RawValue>,
}

pub(in super::super) fn event(data: &[u8]) -> Result<Held<'_>, Problem> {
    let event: Event<'_> = parse(data)?;
    refuse(event.error)?;
    let deltas = match event.kind {
        EventType::Token => Deltas::output(Present::Something),
        EventType::Another => Deltas::default(),
    };
    Ok(Held { deltas, ..Held::default() })
}

pub(in super::super) fn answer(body: &[u8]) -> Result<Usage, Problem> {
    let answer: Answer<'_> = parse(body)?;
    if answer.status == "ok" {
        return Ok(Usage::default());
    }
    let error = answer.error.map_or("no error given", RawValue::get);
    Err(Problem::new(FailureKind::Check, format!("the chain's status is {:?}: {error}", answer.status)))
}
