//! Chains: their steps and tokens as events, or their result.

use serde::Deserialize;
use serde_json::value::RawValue;

use crate::record::{FailureKind, Problem};

use crate::task::read::{
    BodyContent, Deltas, ParsedEvent, Position, Presence, fail_on_error, parse, protocol_problem,
};

#[derive(Deserialize)]
struct Event<'a> {
    #[serde(rename = "type", default)]
    kind: EventType,
    #[serde(borrow, default)]
    status: Presence<'a>,
    #[serde(borrow, default)]
    error: Option<&'a RawValue>,
}

/// The types of events that are distinguished.
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum EventType {
    Token,
    /// A step may fail and the run go on: its error is not that of the run.
    #[serde(alias = "step_retried", alias = "step_finished")]
    StepStarted,
    RunFinished,
    #[default]
    #[serde(other)]
    Another,
}

#[derive(Deserialize)]
struct Answer<'a> {
    #[serde(borrow, default)]
    status: Presence<'a>,
    #[serde(borrow, default)]
    error: Option<&'a RawValue>,
}

pub(super) fn read_event(data: &[u8]) -> Result<ParsedEvent<'_>, Problem> {
    let event: Event<'_> = parse(data)?;
    if event.kind != EventType::StepStarted {
        fail_on_error(event.error)?;
    }
    let (deltas, position) = match (event.kind, event.status.text()) {
        (EventType::Token, _) => (Deltas::of_output(true), Position::Within),
        (EventType::RunFinished, None | Some("ok")) => (Deltas::default(), Position::Complete),
        (EventType::RunFinished, Some(status)) => return Err(failed(status, None)),
        (EventType::StepStarted | EventType::Another, _) => (Deltas::default(), Position::Within),
    };
    Ok(ParsedEvent { deltas, position, ..ParsedEvent::default() })
}

pub(super) fn read_body(body: &[u8]) -> Result<BodyContent, Problem> {
    let answer: Answer<'_> = parse(body)?;
    match answer.status.text() {
        Some("ok") => Ok(BodyContent::default()),
        Some(status) => Err(failed(status, answer.error)),
        None => {
            fail_on_error(answer.error)?;
            Err(protocol_problem("the answer holds no status"))
        }
    }
}

fn failed(status: &str, error: Option<&RawValue>) -> Problem {
    let error = error.map_or("no error given", RawValue::get);
    Problem::new(FailureKind::Check, format!("the chain's status is {status:?}: {error}"))
}
