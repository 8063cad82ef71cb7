//! Reads streams of events.

use std::time::{Duration, Instant};

use serde_json::Value;
use weir_wire::sse::{Decoder, Event, StreamEnd};

use crate::record::{Answer, FailureKind, Problem, Tokens};
use crate::task::conversation::ANSWER_BYTES_MAX;

use super::event::{Deltas, ParsedEvent, Position, Usage};
use super::event_pattern::EventPattern;
use super::json;
use super::reader::EventReader;

/// The data of the event that ends the streams of OpenAI's chat completions and completions, and of chains.
pub(crate) const DONE: &str = "[DONE]";

/// The largest event: every stream may buffer one. Those of LLM APIs have some hundred kilobytes at most, even if they
/// contain a whole response.
const EVENT_BYTES_MAX: usize = 2 << 20;

/// Reads one stream as its bytes arrive.
#[derive(Debug)]
pub(crate) struct StreamReader<'k> {
    events: &'k dyn EventReader,
    decoder: Decoder,
    first_content: Option<Instant>,
    first_output: Option<Instant>,
    last_content: Option<Instant>,
    content_events: u64,
    coalesced: u64,
    usage: Usage,
    ending: Ending,
    pattern: EventPattern,
    /// Receives the text of the answer, if it is needed.
    text: Option<&'k mut String>,
}

/// Whether the last event of the stream has arrived.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
enum Ending {
    Pending,
    /// What follows is not part of the answer.
    Seen,
}

impl<'k> StreamReader<'k> {
    /// Creates a reader that appends the text of the answer to `text`, up to a limit.
    pub(crate) fn new(events: &'k dyn EventReader, text: Option<&'k mut String>) -> Self {
        Self {
            events,
            decoder: Decoder::with_limit(EVENT_BYTES_MAX),
            first_content: None,
            first_output: None,
            last_content: None,
            content_events: 0,
            coalesced: 0,
            usage: Usage::default(),
            ending: Ending::Pending,
            pattern: EventPattern::default(),
            text,
        }
    }

    /// Adds the bytes of one read, which arrived at `at`. Calls `on_gap` with each interval between two content events.
    ///
    /// # Errors
    /// Fails if an event is too large or invalid, or reports a failure.
    pub(crate) fn feed(
        &mut self,
        bytes: &[u8],
        at: Instant,
        mut on_gap: impl FnMut(Duration),
    ) -> Result<(), Problem> {
        self.decoder.feed(bytes);
        loop {
            let event = match self.decoder.next_event() {
                None => return Ok(()),
                Some(Err(error)) => return Err(Problem::new(FailureKind::TooLarge, error.to_string())),
                Some(Ok(_)) if self.ending == Ending::Seen => continue,
                Some(Ok(event)) if event.is_done() => {
                    if self.events.end_mark().is_none_or(|mark| mark == DONE) {
                        self.ending = Ending::Seen;
                    }
                    continue;
                }
                Some(Ok(event)) => {
                    let parsed = read_event(self.events, &event, &mut self.pattern)?;
                    if let Some(text) = self.text.as_deref_mut().filter(|text| text.len() < ANSWER_BYTES_MAX)
                    {
                        append_text(self.events, event.data, text);
                    }
                    parsed
                }
            };
            self.usage = event.usage.or(self.usage);
            if event.position == Position::Last {
                self.ending = Ending::Seen;
            }
            if event.deltas.content {
                self.record_content(event.deltas, at, &mut on_gap);
            }
        }
    }

    fn record_content(&mut self, deltas: Deltas<'_>, at: Instant, on_gap: &mut impl FnMut(Duration)) {
        self.content_events += 1;
        if let Some(last) = self.last_content {
            self.coalesced += u64::from(last == at);
            on_gap(at - last);
        }
        self.last_content = Some(at);
        self.first_content.get_or_insert(at);
        if deltas.output {
            self.first_output.get_or_insert(at);
        }
    }

    /// Returns the figures so far, also of a stream that failed.
    pub(crate) fn answer(&self) -> Answer {
        let tokens = match (self.usage.output, self.content_events) {
            (Some(count), _) => Tokens::Usage(count),
            (None, 0) => Tokens::Unknown,
            (None, events) => Tokens::Events(events),
        };
        Answer {
            first_content: self.first_content,
            first_output: self.first_output,
            tokens,
            input_tokens: self.usage.input,
            cached_tokens: self.usage.cached.unwrap_or(0),
            events: self.content_events,
            coalesced: self.coalesced,
            ..Answer::default()
        }
    }

    /// Ends the stream with its body.
    ///
    /// # Errors
    /// Fails if the body ended within an event, or without the last event of a complete stream.
    pub(crate) fn finish(&mut self) -> Result<(), Problem> {
        match (self.decoder.finish(), self.ending, self.events.end_mark()) {
            (_, Ending::Seen, _) | (StreamEnd::Complete, Ending::Pending, None) => Ok(()),
            (StreamEnd::Complete, Ending::Pending, Some(mark)) => {
                Err(Problem::new(FailureKind::Truncated, format!("the stream ended without {mark}")))
            }
            (StreamEnd::Truncated { pending_bytes }, Ending::Pending, _) => {
                let detail =
                    format!("the stream ended in the middle of an event, {pending_bytes} bytes into it");
                Err(Problem::new(FailureKind::Truncated, detail))
            }
        }
    }
}

fn read_event(
    reader: &dyn EventReader,
    event: &Event<'_>,
    pattern: &mut EventPattern,
) -> Result<ParsedEvent<'static>, Problem> {
    if event.event == Some("error") {
        return Err(json::stream_error(&String::from_utf8_lossy(event.data)));
    }
    if let Some(parsed) = pattern.matched(event.data) {
        return Ok(parsed);
    }
    let parsed = reader.read_event(event.data)?;
    Ok(pattern.learn(event.data, parsed))
}

/// Appends the text of an event. Only conversations pay for parsing it a second time.
fn append_text(reader: &dyn EventReader, data: &[u8], text: &mut String) {
    if let Ok(event) = serde_json::from_slice::<Value>(data) {
        text.push_str(reader.event_text(&event).unwrap_or_default());
    }
}
