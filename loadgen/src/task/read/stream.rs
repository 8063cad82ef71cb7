//! Streams of events.

use std::time::{Duration, Instant};

use weir_wire::sse::{Decoder, Event, StreamEnd};

use crate::record::{Answer, FailureKind, Problem, Tokens};
use crate::task::StreamKind;
use crate::task::conversation::ANSWER_BYTES_MAX;

use super::dialect::{any, chain, chat, completions, messages, responses};
use super::held::{Deltas, Held, Place, Usage};
use super::skeleton::Skeleton;
use super::{json, text};

/// The largest event that is read: every stream may hold one. Those of LLM APIs, even with a whole response in them, have
/// some hundred kilobytes.
const EVENT_BYTES_MAX: usize = 2 << 20;

/// Reads one stream as its bytes come.
#[derive(Debug)]
pub(crate) struct StreamReader<'k> {
    kind: &'k StreamKind,
    decoder: Decoder,
    first_content: Option<Instant>,
    first_output: Option<Instant>,
    last_content: Option<Instant>,
    events: u64,
    coalesced: u64,
    usage: Usage,
    ending: Ending,
    skeleton: Skeleton,
    /// What the answer says, where somebody wants to know.
    text: Option<&'k mut String>,
}

/// Whether the mark that ends a stream has come.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
enum Ending {
    Awaited,
    /// Whatever follows is not part of the answer.
    Seen,
}

impl<'k> StreamReader<'k> {
    /// What the answer says is appended to `text` where there is one, up to a limit.
    pub(crate) fn new(kind: &'k StreamKind, text: Option<&'k mut String>) -> Self {
        Self {
            kind,
            decoder: Decoder::with_limit(EVENT_BYTES_MAX),
            first_content: None,
            first_output: None,
            last_content: None,
            events: 0,
            coalesced: 0,
            usage: Usage::default(),
            ending: Ending::Awaited,
            skeleton: Skeleton::default(),
            text,
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
                    if self.kind.ends_with_done() {
                        self.ending = Ending::Seen;
                    }
                    continue;
                }
                Some(Ok(event)) => {
                    let held = read_event(self.kind, &event, &mut self.skeleton)?;
                    if let Some(text) = self.text.as_deref_mut().filter(|text| text.len() < ANSWER_BYTES_MAX)
                    {
                        text::append(self.kind, event.data, text);
                    }
                    held
                }
            };
            self.usage = held.usage.or(self.usage);
            if held.place == Place::Last {
                self.ending = Ending::Seen;
            }
            if held.deltas.content {
                self.note_content(held.deltas, at, &mut on_gap);
            }
        }
    }

    fn note_content(&mut self, deltas: Deltas<'_>, at: Instant, on_gap: &mut impl FnMut(Duration)) {
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
        let tokens = match (self.usage.output, self.events) {
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
            events: self.events,
            coalesced: self.coalesced,
            ..Answer::default()
        }
    }

    /// The body is over.
    ///
    /// # Errors
    ///
    /// It ended before its last event was complete, or without the mark that ends such a stream.
    pub(crate) fn finish(&mut self) -> Result<(), Problem> {
        match (self.decoder.finish(), self.ending, self.kind.end_mark()) {
            (_, Ending::Seen, _) | (StreamEnd::Complete, Ending::Awaited, None) => Ok(()),
            (StreamEnd::Complete, Ending::Awaited, Some(mark)) => {
                Err(Problem::new(FailureKind::Truncated, format!("the stream ended without {mark}")))
            }
            (StreamEnd::Truncated { pending_bytes }, Ending::Awaited, _) => {
                let detail =
                    format!("the stream ended in the middle of an event, {pending_bytes} bytes into it");
                Err(Problem::new(FailureKind::Truncated, detail))
            }
        }
    }
}

fn read_event(
    kind: &StreamKind,
    event: &Event<'_>,
    skeleton: &mut Skeleton,
) -> Result<Held<'static>, Problem> {
    if event.event == Some("error") {
        return Err(json::stream_error(&String::from_utf8_lossy(event.data)));
    }
    if let Some(held) = skeleton.recognise(event.data) {
        return Ok(held);
    }
    let held = match kind {
        StreamKind::Chat => chat::event(event.data)?,
        StreamKind::Completions => completions::event(event.data)?,
        StreamKind::Responses => responses::event(event.data)?,
        StreamKind::Messages => messages::event(event.data)?,
        StreamKind::Chain => chain::event(event.data)?,
        StreamKind::Any { content } => any::event(event.data, content.as_ref()),
    };
    Ok(skeleton.learn(event.data, held))
}

#[cfg(test)]
mod tests;
