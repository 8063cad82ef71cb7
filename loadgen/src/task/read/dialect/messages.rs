//! Anthropic's messages: typed events, usage at both ends.

use serde::Deserialize;
use serde_json::value::RawValue;

use crate::record::Problem;

use super::super::held::{Deltas, Held, Place, Present, Usage};
use super::super::json::{parse, protocol, refuse};

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

/// The types of events, as far as they are told apart.
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
    text: Present<'a>,
    #[serde(borrow, default)]
    thinking: Present<'a>,
    #[serde(borrow, default)]
    partial_json: Present<'a>,
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
    content: Option<Present<'a>>,
    #[serde(default)]
    usage: Option<Counts>,
    #[serde(borrow, default)]
    error: Option<&'a RawValue>,
}

impl From<Option<Counts>> for Usage {
    /// What went into the cache or came out of it was read too, and is not part of `input_tokens`.
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

pub(in super::super) fn event(data: &[u8]) -> Result<Held<'_>, Problem> {
    let event: Event<'_> = parse(data)?;
    refuse(event.error)?;
    let delta = event.delta.unwrap_or_default();
    let (deltas, place) = match event.kind {
        EventType::ContentBlockDelta => {
            let output = Deltas::output(delta.text).and(Deltas::output(delta.partial_json));
            (output.and(Deltas::reasoning(delta.thinking)), Place::Within)
        }
        EventType::MessageStop => (Deltas::default(), Place::Last),
        EventType::Another => (Deltas::default(), Place::Within),
    };
    let at_first: Usage = event.message.and_then(|message| message.usage).into();
    Ok(Held { deltas, usage: Usage::from(event.usage).or(at_first), place })
}

pub(in super::super) fn answer(body: &[u8]) -> Result<Usage, Problem> {
    let answer: Answer<'_> = parse(body)?;
    match (answer.error, answer.content) {
        (Some(error), _) => Err(protocol(&format!("the answer is an error: {}", error.get()))),
        (None, None) => Err(protocol("the answer holds no content")),
        (None, Some(_)) => Ok(answer.usage.into()),
    }
}
