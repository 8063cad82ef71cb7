//! Streams of events.

use std::time::{Duration, Instant};

use serde_json::value::RawValue;
use weir_wire::sse::{Decoder, Event, Finish};

use crate::record::{Answer, FailureKind, Problem, Tokens};
use crate::task::StreamKind;

use super::delta::{ChainEvent, ChatEvent, Deltas, EventType};
use super::plain::parse;

/// The longest piece of an error event that a failure repeats.
const ERROR_CHARS: usize = 160;

/// Reads one stream as its bytes come.
#[derive(Debug)]
pub(crate) struct StreamReader {
    kind: StreamKind,
    decoder: Decoder,
    first_content: Option<Instant>,
    first_output: Option<Instant>,
    last_content: Option<Instant>,
    events: u64,
    coalesced: u64,
    usage: Option<u64>,
    ending: Ending,
}

/// Whether the mark that ends a stream has come.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
enum Ending {
    Awaited,
    /// `[DONE]`: whatever follows is not part of the answer.
    Seen,
}

impl StreamReader {
    pub(crate) fn new(kind: StreamKind) -> Self {
        Self {
            kind,
            decoder: Decoder::new(),
            first_content: None,
            first_output: None,
            last_content: None,
            events: 0,
            coalesced: 0,
            usage: None,
            ending: Ending::Awaited,
        }
    }

    /// Takes in what one read brought, at `at`; `on_gap` is told every gap between two content events.
    ///
    /// # Errors
    ///
    /// An event says that the stream failed, or is not what it should be.
    pub(crate) fn feed(
        &mut self,
        bytes: &[u8],
        at: Instant,
        mut on_gap: impl FnMut(Duration),
    ) -> Result<(), Problem> {
        self.decoder.feed(bytes);
        loop {
            let held = match self.decoder.next_event() {
                None => return Ok(()),
                Some(Err(error)) => return Err(Problem::new(FailureKind::TooLarge, error.to_string())),
                Some(Ok(_)) if self.ending == Ending::Seen => continue,
                Some(Ok(event)) if event.is_done() => {
                    self.ending = Ending::Seen;
                    continue;
                }
                Some(Ok(event)) => read_event(self.kind, &event)?,
            };
            self.usage = held.usage.or(self.usage);
            if held.deltas.content {
                self.note_content(held.deltas, at, &mut on_gap);
            }
        }
    }

    fn note_content(&mut self, deltas: Deltas, at: Instant, on_gap: &mut impl FnMut(Duration)) {
        self.events += 1;
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

    /// What was read so far: of a stream that failed, too.
    pub(crate) fn answer(&self) -> Answer {
        let tokens = match (self.usage, self.events) {
            (Some(count), _) => Tokens::Usage(count),
            (None, 0) => Tokens::Unknown,
            (None, events) => Tokens::Events(events),
        };
        Answer {
            first_content: self.first_content,
            first_output: self.first_output,
            tokens,
            events: self.events,
            coalesced: self.coalesced,
            ..Answer::default()
        }
    }

    /// The body is over.
    ///
    /// # Errors
    ///
    /// It ended before its last event was complete, or without `[DONE]`.
    pub(crate) fn finish(&mut self) -> Result<(), Problem> {
        match (self.decoder.finish(), self.ending) {
            (_, Ending::Seen) => Ok(()),
            (Finish::Clean, Ending::Awaited) => {
                Err(Problem::new(FailureKind::Truncated, "the stream ended without [DONE]"))
            }
            (Finish::Truncated { pending_bytes }, Ending::Awaited) => {
                let detail =
                    format!("the stream ended in the middle of an event, {pending_bytes} bytes into it");
                Err(Problem::new(FailureKind::Truncated, detail))
            }
        }
    }
}

/// What one event held.
#[derive(Default)]
struct Held {
    deltas: Deltas,
    usage: Option<u64>,
}

fn read_event(kind: StreamKind, event: &Event<'_>) -> Result<Held, Problem> {
    if event.event == Some("error") {
        return Err(stream_error(&String::from_utf8_lossy(event.data)));
    }
    match kind {
        StreamKind::Chat => {
            let chunk: ChatEvent<'_> = parse(event.data)?;
            refuse(chunk.error)?;
            let usage = chunk.usage.and_then(|usage| usage.completion_tokens);
            Ok(Held { deltas: chunk.choices, usage })
        }
        StreamKind::Chain => {
            let step: ChainEvent<'_> = parse(event.data)?;
            refuse(step.error)?;
            let is_token = step.kind == EventType::Token;
            Ok(Held { deltas: Deltas { content: is_token, output: is_token }, usage: None })
        }
    }
}

fn refuse(error: Option<&RawValue>) -> Result<(), Problem> {
    error.map_or(Ok(()), |error| Err(stream_error(error.get())))
}

fn stream_error(said: &str) -> Problem {
    let said: String = said.chars().take(ERROR_CHARS).collect();
    Problem::new(FailureKind::StreamError, format!("error event: {said}"))
}

#[cfg(test)]
mod tests;
