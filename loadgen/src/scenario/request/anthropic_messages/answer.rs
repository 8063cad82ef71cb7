//! Anthropic's messages: typed events, usage at both ends.

use serde::Deserialize;
use serde_json::value::RawValue;

use crate::record::Problem;

use crate::task::read::{
    Deltas, ParsedEvent, Position, Presence, Usage, fail_on_error, parse, protocol_problem,
};

#[derive(Deserialize)]
struct Event<'a> {
    #[serde(rename = "type", default)]
    kind: EventType,
    #[serde(borrow, default)]
    delta: Option<Delta<'a>>,
    #[serde(default)]
    message: Option<Message>,
    #[serde(default)]
    usage: Option<Counts>,
    #[serde(borrow, default)]
    error: Option<&'a RawValue>,
}

/// The types of events that are distinguished.
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum EventType {
    ContentBlockDelta,
    MessageStop,
    #[default]
    #[serde(other)]
    Another,
}

/// A delta of any kind has one of these; a signature and citations are no content.
#[derive(Default, Deserialize)]
struct Delta<'a> {
    #[serde(borrow, default)]
    text: Presence<'a>,
    #[serde(borrow, default)]
    thinking: Presence<'a>,
    #[serde(borrow, default)]
    partial_json: Presence<'a>,
}

#[derive(Deserialize)]
struct Message {
    #[serde(default)]
    usage: Option<Counts>,
}

#[derive(Copy, Clone, Debug, Deserialize)]
struct Counts {
    #[serde(default)]
    input_tokens: Option<u64>,
    #[serde(default)]
    cache_creation_input_tokens: Option<u64>,
    #[serde(default)]
    cache_read_input_tokens: Option<u64>,
    #[serde(default)]
    output_tokens: Option<u64>,
}

#[derive(Deserialize)]
struct Answer<'a> {
    #[serde(borrow, default)]
    content: Option<Presence<'a>>,
    #[serde(default)]
    usage: Option<Counts>,
    #[serde(borrow, default)]
    error: Option<&'a RawValue>,
}

impl From<Option<Counts>> for Usage {
    /// Tokens written to or read from the cache are input too, and are not part of `input_tokens`.
    fn from(counts: Option<Counts>) -> Self {
        let Some(counts) = counts else { return Self::default() };
        let cached = [counts.cache_creation_input_tokens, counts.cache_read_input_tokens];
        let add = |fresh: u64| cached.into_iter().flatten().fold(fresh, u64::saturating_add);
        Self {
            input: counts.input_tokens.map(add),
            cached: counts.cache_read_input_tokens,
            output: counts.output_tokens,
        }
    }
}

pub(super) fn read_event(data: &[u8]) -> Result<ParsedEvent<'_>, Problem> {
    let event: Event<'_> = parse(data)?;
    fail_on_error(event.error)?;
    let delta = event.delta.unwrap_or_default();
    let (deltas, position) = match event.kind {
        EventType::ContentBlockDelta => {
            let output = Deltas::output(delta.text).and(Deltas::output(delta.partial_json));
            (output.and(Deltas::reasoning(delta.thinking)), Position::Within)
        }
        EventType::MessageStop => (Deltas::default(), Position::Last),
        EventType::Another => (Deltas::default(), Position::Within),
    };
    let at_first: Usage = event.message.and_then(|message| message.usage).into();
    Ok(ParsedEvent { deltas, usage: Usage::from(event.usage).or(at_first), position })
}

pub(super) fn read_body(body: &[u8]) -> Result<Usage, Problem> {
    let answer: Answer<'_> = parse(body)?;
    match (answer.error, answer.content) {
        (Some(error), _) => Err(protocol_problem(&format!("the answer is an error: {}", error.get()))),
        (None, None) => Err(protocol_problem("the answer holds no content")),
        (None, Some(_)) => Ok(answer.usage.into()),
    }
}
