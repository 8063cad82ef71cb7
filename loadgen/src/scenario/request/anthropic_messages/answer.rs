//! Anthropic's messages: typed events, usage at both ends.

use serde::Deserialize;
use serde_json::value::RawValue;

use crate::record::Problem;

use crate::task::read::{
    BodyContent, Count, Deltas, Merged, ParsedEvent, Position, Presence, Usage, error_in_answer,
    fail_on_error, parse, protocol_problem, read_usage,
};

#[derive(Deserialize)]
struct Event<'a> {
    #[serde(rename = "type", default)]
    kind: EventType,
    #[serde(borrow, default)]
    delta: Option<Delta<'a>>,
    #[serde(borrow, default)]
    content_block: Option<Block<'a>>,
    #[serde(borrow, default)]
    message: Option<Message<'a>>,
    #[serde(borrow, default)]
    usage: Option<&'a RawValue>,
    #[serde(borrow, default)]
    error: Option<&'a RawValue>,
}

/// The types of events that are distinguished.
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum EventType {
    ContentBlockStart,
    ContentBlockDelta,
    MessageDelta,
    MessageStop,
    Error,
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
    #[serde(borrow, default)]
    stop_reason: Presence<'a>,
}

/// A block of content: text, thinking (open or encrypted), or a tool call, which has a name.
#[derive(Default, Deserialize)]
struct Block<'a> {
    #[serde(borrow, default)]
    text: Presence<'a>,
    #[serde(borrow, default)]
    thinking: Presence<'a>,
    #[serde(borrow, default)]
    data: Presence<'a>,
    #[serde(borrow, default)]
    name: Presence<'a>,
}

#[derive(Deserialize)]
struct Message<'a> {
    #[serde(borrow, default)]
    usage: Option<&'a RawValue>,
}

#[derive(Copy, Clone, Debug, Deserialize)]
struct Counts {
    #[serde(default)]
    input_tokens: Count,
    #[serde(default)]
    cache_creation_input_tokens: Count,
    #[serde(default)]
    cache_read_input_tokens: Count,
    #[serde(default)]
    output_tokens: Count,
}

#[derive(Deserialize)]
struct Answer<'a> {
    #[serde(rename = "type", default)]
    kind: EventType,
    #[serde(borrow, default)]
    content: Option<Merged<Block<'a>, Deltas<'a>>>,
    #[serde(borrow, default)]
    usage: Option<&'a RawValue>,
    #[serde(borrow, default)]
    error: Option<&'a RawValue>,
}

impl From<Counts> for Usage {
    /// Tokens written to or read from the cache are input too, and are not part of `input_tokens`.
    fn from(counts: Counts) -> Self {
        let Counts { input_tokens: fresh, output_tokens: output, .. } = counts;
        let (written, read) = (counts.cache_creation_input_tokens, counts.cache_read_input_tokens);
        let add = |fresh: u64| {
            [written, read].iter().filter_map(|count| count.value).fold(fresh, u64::saturating_add)
        };
        Self {
            input: fresh.value.map(add),
            cached: read.value,
            output: output.value,
            is_odd: Count::any_odd(&[fresh, written, read, output]),
        }
    }
}

impl<'a> From<Block<'a>> for Deltas<'a> {
    fn from(block: Block<'a>) -> Self {
        let output = Self::output(block.text).and(Self::output(block.name));
        output.and(Self::reasoning(block.thinking)).and(Self::reasoning(block.data))
    }
}

pub(super) fn read_event(data: &[u8]) -> Result<ParsedEvent<'_>, Problem> {
    let event: Event<'_> = parse(data)?;
    fail_on_error(event.error)?;
    let delta = event.delta.unwrap_or_default();
    let (deltas, position) = match event.kind {
        EventType::ContentBlockStart => (event.content_block.unwrap_or_default().into(), Position::Within),
        EventType::ContentBlockDelta => {
            let output = Deltas::output(delta.text).and(Deltas::output(delta.partial_json));
            (output.and(Deltas::reasoning(delta.thinking)), Position::Within)
        }
        EventType::MessageDelta if delta.stop_reason.is_some() => (Deltas::default(), Position::Complete),
        EventType::MessageStop => (Deltas::default(), Position::Last),
        EventType::Error => return Err(error_in_answer(&String::from_utf8_lossy(data))),
        EventType::MessageDelta | EventType::Another => (Deltas::default(), Position::Within),
    };
    let at_first = read_usage::<Counts>(event.message.and_then(|message| message.usage));
    let usage = read_usage::<Counts>(event.usage).or(at_first);
    Ok(ParsedEvent { deltas, usage, position, ..ParsedEvent::default() })
}

pub(super) fn read_body(body: &[u8]) -> Result<BodyContent, Problem> {
    let answer: Answer<'_> = parse(body)?;
    fail_on_error(answer.error)?;
    match answer.content {
        _ if answer.kind == EventType::Error => Err(error_in_answer(&String::from_utf8_lossy(body))),
        None => Err(protocol_problem("the answer holds no content")),
        Some(blocks) => {
            Ok(BodyContent { usage: read_usage::<Counts>(answer.usage), is_empty: !blocks.sum.content })
        }
    }
}
