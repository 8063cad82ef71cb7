//! Reads streams of events.

use std::time::Instant;

use serde_json::Value;
use weir_wire::sse::{DecodeError, Decoder, Event, StreamEnd};

use crate::record::{Answer, FailureKind, Problem, StreamEnding, StreamGaps, Tokens};
use crate::task::reply::Reply;

use super::choices::ChoiceMarks;
use super::chunk_tokens::TokenProgress;
use super::event::{Deltas, ParsedEvent, Position};
use super::event_pattern::EventPattern;
use super::json;
use super::reader::{Completion, EventReader};
use super::usage::Usage;

/// The data of the event that ends the streams of OpenAI's chat completions and completions, and of chains.
pub(crate) const DONE: &str = "[DONE]";

/// The largest event, as the largest plain answer: a response that contains images or audio is one.
const EVENT_BYTES_MAX: usize = 64 << 20;

/// Reads one stream as its bytes arrive.
#[derive(Debug)]
pub(crate) struct StreamReader<'k> {
    events: &'k dyn EventReader,
    decoder: Decoder,
    /// The last read.
    read_at: Option<Instant>,
    first_content: Option<Instant>,
    first_output: Option<Instant>,
    last_content: Option<Instant>,
    /// All events, whatever they hold.
    all_events: u64,
    content_events: u64,
    coalesced: u64,
    usage: Usage,
    tokens: TokenProgress,
    choices: ChoiceMarks,
    progress: Progress,
    pattern: EventPattern,
    /// Whether the names of events decide which are read.
    selects_by_name: bool,
    /// Receives the text and the tool calls of the answer, if they are needed.
    reply: Option<&'k mut Reply>,
}

/// How far the answer is.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
enum Progress {
    /// No event has arrived.
    Silent,
    Begun,
    /// The answer is complete; its end mark has not arrived.
    Complete,
    /// The end mark arrived at this instant. What follows is not part of the answer.
    Ended(Instant),
}

impl<'k> StreamReader<'k> {
    /// Creates a reader that adds the text and the tool calls of the answer to `reply`, up to a limit.
    pub(crate) fn new(events: &'k dyn EventReader, reply: Option<&'k mut Reply>) -> Self {
        Self {
            events,
            decoder: Decoder::with_limit(EVENT_BYTES_MAX),
            read_at: None,
            first_content: None,
            first_output: None,
            last_content: None,
            all_events: 0,
            content_events: 0,
            coalesced: 0,
            usage: Usage::default(),
            tokens: TokenProgress::default(),
            choices: ChoiceMarks::default(),
            progress: Progress::Silent,
            pattern: EventPattern::default(),
            selects_by_name: events.selects_by_name(),
            reply,
        }
    }

    /// Adds the bytes of one read, which arrived at `at`, and adds the intervals between content events to `gaps`.
    ///
    /// # Errors
    /// Fails if an event is too large or invalid, or reports a failure.
    pub(crate) fn feed(&mut self, bytes: &[u8], at: Instant, gaps: &mut StreamGaps) -> Result<(), Problem> {
        self.read_at = Some(at);
        self.decoder.feed(bytes);
        self.read_events(at, gaps)?;
        // A server may end its last line and keep the connection, so that nothing more arrives.
        if self.ended_at().is_none() && is_done(self.decoder.pending()) {
            self.see_done(at);
        }
        Ok(())
    }

    fn read_events(&mut self, at: Instant, gaps: &mut StreamGaps) -> Result<(), Problem> {
        while self.ended_at().is_none() {
            let event = match self.decoder.next_event() {
                None => return Ok(()),
                Some(Err(error @ DecodeError::TooLarge { .. })) => {
                    return Err(Problem::new(FailureKind::TooLarge, error.to_string()));
                }
                Some(Ok(event)) if event.is_done() => {
                    self.see_done(at);
                    continue;
                }
                Some(Ok(event)) if self.selects_by_name && !is_read(self.events, &event) => {
                    ParsedEvent::default()
                }
                Some(Ok(event)) => {
                    read_event(self.events, &event, &mut self.pattern, self.reply.as_deref_mut())?
                }
            };
            self.all_events += 1;
            self.add(&event, at, gaps);
        }
        Ok(())
    }

    fn add(&mut self, event: &ParsedEvent<'_>, at: Instant, gaps: &mut StreamGaps) {
        self.usage = event.usage.or(self.usage);
        self.choices.merge(event.choices);
        match (event.position, self.progress) {
            (Position::Last, _) => self.progress = Progress::Ended(at),
            (Position::Complete, _) => self.progress = Progress::Complete,
            (Position::Within, Progress::Silent) => self.progress = Progress::Begun,
            (Position::Within, _) => {}
        }
        if event.deltas.content {
            self.tokens.add(event.usage.output, at, gaps);
            self.add_content(event.deltas, at, gaps);
        }
    }

    fn add_content(&mut self, deltas: Deltas<'_>, at: Instant, gaps: &mut StreamGaps) {
        self.content_events += 1;
        if let Some(last) = self.last_content {
            self.coalesced += u64::from(last == at);
            gaps.events.push(at - last);
        }
        self.last_content = Some(at);
        self.first_content.get_or_insert(at);
        if deltas.output {
            self.first_output.get_or_insert(at);
        }
    }

    /// `[DONE]` ends the streams whose mark it is, and those that have none.
    fn see_done(&mut self, at: Instant) {
        if self.events.end_mark().is_none_or(|mark| mark == DONE) {
            self.progress = Progress::Ended(at);
        }
    }

    /// When the end mark arrived.
    pub(crate) fn ended_at(&self) -> Option<Instant> {
        match self.progress {
            Progress::Ended(at) => Some(at),
            Progress::Silent | Progress::Begun | Progress::Complete => None,
        }
    }

    /// Whether no event has arrived.
    pub(crate) fn is_silent(&self) -> bool {
        self.progress == Progress::Silent
    }

    /// The bytes that are buffered for the next event.
    pub(crate) fn buffered_bytes(&self) -> usize {
        self.decoder.pending().len()
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
            chunk_tokens: self.tokens.known(),
            input_tokens: self.usage.input,
            cached_tokens: self.usage.cached.unwrap_or(0),
            events: self.content_events,
            all_events: self.all_events,
            coalesced: self.coalesced,
            is_empty: self.content_events == 0 && self.events.is_generated(),
            ending: self.ending(),
            has_odd_usage: self.usage.is_odd,
            ..Answer::default()
        }
    }

    fn ending(&self) -> StreamEnding {
        match (self.ended_at(), self.events.end_mark()) {
            (None, Some(_)) => StreamEnding::Unmarked,
            (Some(_), _) | (None, None) => StreamEnding::Regular,
        }
    }

    /// Ends the stream, with its end mark or with its body.
    ///
    /// # Errors
    /// Fails if the answer is not complete.
    pub(crate) fn finish(&mut self, gaps: &mut StreamGaps) -> Result<(), Problem> {
        if self.ended_at().is_some() {
            return self.check_choices();
        }
        self.read_unterminated_event(gaps)?;
        match (self.ended_at(), self.events.completion()) {
            (Some(_), _) => self.check_choices(),
            (None, Completion::Body) => Ok(()),
            (None, Completion::Choices) if self.choices.are_finished() => Ok(()),
            (None, Completion::Mark) if self.progress == Progress::Complete => Ok(()),
            (None, Completion::Mark | Completion::Choices) => {
                let mark = self.events.end_mark().unwrap_or(DONE);
                Err(Problem::new(FailureKind::Truncated, format!("the stream ended without {mark}")))
            }
        }
    }

    /// Reads the last event of a body that ended without the blank line after it.
    fn read_unterminated_event(&mut self, gaps: &mut StreamGaps) -> Result<(), Problem> {
        let pending_bytes = self.decoder.pending().len();
        if pending_bytes > 0 && self.events.is_json() {
            let at = self.read_at.unwrap_or_else(Instant::now);
            self.decoder.feed(b"\n\n");
            match self.read_events(at, gaps) {
                // Half an event is no JSON.
                Err(problem) if problem.kind == FailureKind::Protocol => {}
                Err(problem) => return Err(problem),
                Ok(()) => return Ok(()),
            }
        } else if self.decoder.finish() == StreamEnd::Complete {
            return Ok(());
        }
        let detail = format!("the stream ended in the middle of an event, {pending_bytes} bytes into it");
        Err(Problem::new(FailureKind::Truncated, detail))
    }

    /// Fails if a choice has no finish reason although the end mark has arrived.
    fn check_choices(&self) -> Result<(), Problem> {
        if self.events.completion() != Completion::Choices || self.choices.are_finished() {
            return Ok(());
        }
        let (begun, finished) = (self.choices.begun(), self.choices.finished());
        let detail = match begun {
            0 => format!("the stream ended with {DONE} and without any choice"),
            1 => format!("the stream ended with {DONE} and without a finish reason"),
            _ => format!(
                "the stream ended with {DONE}, and only {finished} of its {begun} choices have a finish reason"
            ),
        };
        Err(Problem::new(FailureKind::Truncated, detail))
    }
}

/// Whether the bytes of an incomplete event are those of the mark.
fn is_done(pending: &[u8]) -> bool {
    // Compared first, because most incomplete events are longer.
    pending.len() <= 32
        && pending.strip_prefix(b"data:").is_some_and(|data| data.trim_ascii() == DONE.as_bytes())
}

/// Whether an event is read. Errors always are.
fn is_read(reader: &dyn EventReader, event: &Event<'_>) -> bool {
    event.event == Some("error") || reader.reads_event_named(event.event)
}

/// Reads an event, and adds it to `reply` if that is needed.
fn read_event(
    reader: &dyn EventReader,
    event: &Event<'_>,
    pattern: &mut EventPattern,
    reply: Option<&mut Reply>,
) -> Result<ParsedEvent<'static>, Problem> {
    if event.event == Some("error") {
        return Err(json::error_in_answer(&String::from_utf8_lossy(event.data)));
    }
    if reader.is_json() && event.data.trim_ascii().is_empty() {
        return Ok(ParsedEvent::default());
    }
    if let Some(parsed) = pattern.matched(event.data) {
        add_to_reply(reader, event.data, reply);
        return Ok(parsed);
    }
    let problem = match reader.read_event(event.data) {
        Ok(parsed) => {
            add_to_reply(reader, event.data, reply);
            return Ok(pattern.learn(event.data, parsed));
        }
        Err(problem) => problem,
    };
    if problem.kind != FailureKind::Protocol || !reader.is_json() {
        return Err(problem);
    }
    let mended = json::mended(event.data).ok_or(problem)?;
    let parsed = reader.read_event(&mended)?.without_text();
    add_to_reply(reader, &mended, reply);
    Ok(parsed)
}

/// Adds an event to the reply. Only conversations pay for parsing it a second time.
fn add_to_reply(reader: &dyn EventReader, data: &[u8], reply: Option<&mut Reply>) {
    if let Some(reply) = reply
        && let Ok(event) = serde_json::from_slice::<Value>(data)
    {
        reader.add_to_reply(&event, reply);
    }
}
