//! Chains: their steps and tokens as events, or their result.

use serde::Deserialize;
use serde_json::value::RawValue;

use crate::record::{FailureKind, Problem};

use crate::task::read::{Deltas, ParsedEvent, Presence, Usage, fail_on_error, parse};

#[derive(Deserialize)]
struct Event<'a> {
    #[serde(rename = "type", default)]
    kind: EventType,
    #[serde(borrow, default)]
    error: Option<&'a RawValue>,
}

/// The types of events that are distinguished.
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

pub(super) fn read_event(data: &[u8]) -> Result<ParsedEvent<'_>, Problem> {
    let event: Event<'_> = parse(data)?;
    fail_on_error(event.error)?;
    let deltas = match event.kind {
        EventType::Token => Deltas::output(Presence::NonEmpty),
        EventType::Another => Deltas::default(),
    };
    Ok(ParsedEvent { deltas, ..ParsedEvent::default() })
}

pub(super) fn read_body(body: &[u8]) -> Result<Usage, Problem> {
    let answer: Answer<'_> = parse(body)?;
    if answer.status == "ok" {
        return Ok(Usage::default());
    }
    let error = answer.error.map_or("no error given", RawValue::get);
    Err(Problem::new(FailureKind::Check, format!("the chain's status is {:?}: {error}", answer.status)))
}
