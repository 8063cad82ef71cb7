//! The events of a streamed answer.

use std::sync::Arc;

use bytes::BytesMut;
use weir_model::{Content, Event, Finish, Segment, SegmentKind, TokenRun};

use super::{
    answer::{Counts, Head, Status},
    items::{ItemState, Summaries, add_entry, status, write_part, write_summary},
};
use crate::{
    api::openai::logprobs::ChoiceLogprobs,
    request::json::{write_escaped, write_number, write_tokens},
    token_stream::Encoder,
};

/// Writes events. The common parts of an item's deltas are prepared once, when it begins.
#[derive(Debug)]
pub(super) struct ResponseFrames {
    head: Arc<Head>,
    /// The status of the answer when its stream begins.
    opening: Status,
    finish: Finish,
    items: usize,
    counts: Counts,
    /// The number of the next event.
    sequence: u64,
    /// Events before this number are not sent.
    from: u64,
    deltas: Deltas,
    /// The items that have ended, in JSON.
    ended: BytesMut,
}

/// The common parts of an item's deltas.
#[derive(Debug, Default)]
struct Deltas {
    cursor: ReasoningVisibility,
    /// From the beginning of the event to the inside of its delta.
    before: BytesMut,
    /// From the end of the delta to the event's number, without log probabilities.
    after: &'static [u8],
    /// Set if the item has log probabilities.
    logprobs: Option<ChoiceLogprobs>,
    /// The log probabilities of all tokens of the item, as the inside of a list, and those that were not sent yet.
    entries: BytesMut,
    unsent: BytesMut,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum ReasoningVisibility {
    #[default]
    Visible,
    /// Reasoning that was not requested.
    Hidden,
}

impl ResponseFrames {
    /// Encodes the events of `content` with the initial status `opening`; events before number `from` are left
    /// out.
    pub(super) fn new(head: Arc<Head>, content: &Content, opening: Status, from: u64) -> Self {
        Self {
            head,
            opening,
            finish: content.finish(),
            items: content.choices().first().map_or(0, |choice| choice.segments.len()),
            counts: Counts::of(content),
            sequence: 0,
            from,
            deltas: Deltas::default(),
            ended: BytesMut::new(),
        }
    }

    /// Writes an event, unless it is left out.
    fn write_event(&mut self, out: &mut BytesMut, name: &str, write: impl FnOnce(&Self, &mut BytesMut)) {
        let number = self.sequence;
        self.sequence += 1;
        if number < self.from {
            return;
        }
        write_start(out, name);
        out.extend_from_slice(b",\"sequence_number\":");
        write_number(out, number);
        write(self, out);
        out.extend_from_slice(b"}\n\n");
    }

    fn response(&mut self, out: &mut BytesMut, name: &str, status: Status) {
        self.write_event(out, name, |this, out| {
            out.extend_from_slice(b",\"response\":");
            this.head.write_open(out, status);
        });
    }

    /// Begins an item.
    fn begin(&mut self, out: &mut BytesMut, index: usize, kind: &SegmentKind) {
        self.write_event(out, "response.output_item.added", |this, out| {
            write_index(out, index);
            out.extend_from_slice(b",\"item\":");
            this.head.items.write(out, index, kind, ItemState::Begun);
        });
        let is_told = match kind {
            SegmentKind::Text | SegmentKind::Refusal => {
                self.part(out, "response.content_part.added", index, kind, b"");
                true
            }
            SegmentKind::Reasoning if self.head.items.summaries == Summaries::Wanted => {
                self.summary(out, "response.reasoning_summary_part.added", index, b"");
                true
            }
            SegmentKind::Reasoning => false,
            SegmentKind::ToolCall { .. } => true,
        };
        self.deltas.cursor = if is_told { ReasoningVisibility::Visible } else { ReasoningVisibility::Hidden };
        self.deltas.logprobs = self.head.items.logprobs_of(index).filter(|_| *kind == SegmentKind::Text);
        self.deltas.entries.clear();
        self.deltas.unsent.clear();
        self.deltas.after = match kind {
            SegmentKind::Text => b"\",\"logprobs\":[],\"sequence_number\":",
            SegmentKind::Reasoning | SegmentKind::Refusal | SegmentKind::ToolCall { .. } => {
                b"\",\"sequence_number\":"
            }
        };
        let mut before = std::mem::take(&mut self.deltas.before);
        before.clear();
        write_start(&mut before, self.names(kind).delta);
        self.write_position(&mut before, index, kind);
        before.extend_from_slice(b",\"delta\":\"");
        self.deltas.before = before;
    }

    fn tokens(&mut self, out: &mut BytesMut, run: TokenRun<'_>) {
        if let Deltas { logprobs: Some(logprobs), entries, unsent, .. } = &mut self.deltas {
            for token in run.tokens() {
                let mut same = logprobs.clone();
                add_entry(entries, &mut same, token);
                add_entry(unsent, logprobs, token);
            }
        }
        let text = run.text();
        // Without text they end within a character: the next ones have the whole character.
        if text.is_empty() || self.deltas.cursor == ReasoningVisibility::Hidden {
            return;
        }
        let number = self.sequence;
        self.sequence += 1;
        if number < self.from {
            self.deltas.unsent.clear();
            return;
        }
        let Deltas { before, after, logprobs, unsent, .. } = &mut self.deltas;
        out.reserve(before.len() + after.len() + text.len() + 32);
        out.extend_from_slice(before);
        write_escaped(out, text);
        match logprobs {
            None => out.extend_from_slice(after),
            Some(_) => {
                out.extend_from_slice(b"\",\"logprobs\":[");
                out.extend_from_slice(unsent);
                out.extend_from_slice(b"],\"sequence_number\":");
                unsent.clear();
            }
        }
        write_number(out, number);
        out.extend_from_slice(b"}\n\n");
    }

    /// Ends an item: repeats its text in all events that contain it.
    fn end(&mut self, out: &mut BytesMut, index: usize, segment: &Segment) {
        let kind = &segment.kind;
        let mut text = BytesMut::with_capacity(8 * segment.text.token_count() as usize);
        if self.deltas.cursor == ReasoningVisibility::Visible {
            write_tokens(&mut text, &segment.text);
            let names = self.names(kind);
            self.write_event(out, names.done, |this, out| {
                this.write_position(out, index, kind);
                out.extend_from_slice(names.field);
                out.extend_from_slice(&text);
                out.extend_from_slice(b"\"");
                if *kind == SegmentKind::Text {
                    out.extend_from_slice(b",\"logprobs\":[");
                    out.extend_from_slice(&this.deltas.entries);
                    out.extend_from_slice(b"]");
                }
            });
        }
        match (kind, self.deltas.cursor) {
            (SegmentKind::Text | SegmentKind::Refusal, _) => {
                self.part(out, "response.content_part.done", index, kind, &text);
            }
            (SegmentKind::Reasoning, ReasoningVisibility::Visible) => {
                self.summary(out, "response.reasoning_summary_part.done", index, &text);
            }
            (SegmentKind::Reasoning, ReasoningVisibility::Hidden) | (SegmentKind::ToolCall { .. }, _) => {}
        }
        if index > 0 {
            self.ended.extend_from_slice(b",");
        }
        let start = self.ended.len();
        let logprobs = if *kind == SegmentKind::Text { &*self.deltas.entries } else { &[] };
        let stage = ItemState::Ended(status(self.finish, index, self.items), &text, logprobs);
        self.head.items.write(&mut self.ended, index, kind, stage);
        self.write_event(out, "response.output_item.done", |this, out| {
            write_index(out, index);
            out.extend_from_slice(b",\"item\":");
            out.extend_from_slice(this.ended.get(start..).unwrap_or_default());
        });
    }

    fn part(&mut self, out: &mut BytesMut, name: &str, index: usize, kind: &SegmentKind, text: &[u8]) {
        self.write_event(out, name, |this, out| {
            this.write_position(out, index, kind);
            out.extend_from_slice(b",\"part\":");
            let logprobs = if text.is_empty() { &[] } else { &*this.deltas.entries };
            write_part(out, kind, text, logprobs);
        });
    }

    fn summary(&mut self, out: &mut BytesMut, name: &str, index: usize, text: &[u8]) {
        self.write_event(out, name, |this, out| {
            this.write_position(out, index, &SegmentKind::Reasoning);
            out.extend_from_slice(b",\"part\":");
            write_summary(out, text);
        });
    }

    /// Writes the item and the part of an event.
    fn write_position(&self, out: &mut BytesMut, index: usize, kind: &SegmentKind) {
        out.extend_from_slice(b",\"item_id\":\"");
        self.head.items.write_id(out, index, kind);
        out.extend_from_slice(b"\"");
        write_index(out, index);
        out.extend_from_slice(match kind {
            SegmentKind::Text | SegmentKind::Refusal => b",\"content_index\":0",
            SegmentKind::Reasoning => b",\"summary_index\":0",
            SegmentKind::ToolCall { .. } => b"",
        });
    }

    fn names(&self, kind: &SegmentKind) -> &'static Names {
        match kind {
            SegmentKind::Text => &TEXT,
            SegmentKind::Refusal => &REFUSAL,
            SegmentKind::Reasoning => &SUMMARY,
            SegmentKind::ToolCall { name } if self.head.items.is_custom(name) => &CUSTOM,
            SegmentKind::ToolCall { .. } => &FUNCTION,
        }
    }
}

/// The names of an item's text events, and the field with the whole text.
struct Names {
    delta: &'static str,
    done: &'static str,
    field: &'static [u8],
}

const TEXT: Names =
    Names { delta: "response.output_text.delta", done: "response.output_text.done", field: b",\"text\":\"" };
const REFUSAL: Names =
    Names { delta: "response.refusal.delta", done: "response.refusal.done", field: b",\"refusal\":\"" };
const SUMMARY: Names = Names {
    delta: "response.reasoning_summary_text.delta",
    done: "response.reasoning_summary_text.done",
    field: b",\"text\":\"",
};
const FUNCTION: Names = Names {
    delta: "response.function_call_arguments.delta",
    done: "response.function_call_arguments.done",
    field: b",\"arguments\":\"",
};
const CUSTOM: Names = Names {
    delta: "response.custom_tool_call_input.delta",
    done: "response.custom_tool_call_input.done",
    field: b",\"input\":\"",
};

/// Writes an event up to after its type.
fn write_start(out: &mut BytesMut, name: &str) {
    out.extend_from_slice(b"event: ");
    out.extend_from_slice(name.as_bytes());
    out.extend_from_slice(b"\ndata: {\"type\":\"");
    out.extend_from_slice(name.as_bytes());
    out.extend_from_slice(b"\"");
}

fn write_index(out: &mut BytesMut, index: usize) {
    out.extend_from_slice(b",\"output_index\":");
    write_number(out, index as u64);
}

impl Encoder for ResponseFrames {
    fn open(&mut self, out: &mut BytesMut) {
        self.response(out, "response.created", self.opening);
        if self.opening == Status::Queued {
            self.response(out, "response.queued", Status::Queued);
        }
        self.response(out, "response.in_progress", Status::InProgress);
    }

    fn event(&mut self, out: &mut BytesMut, _choice: u32, event: Event<'_>) {
        match event {
            Event::Begin(index, segment) => self.begin(out, index, &segment.kind),
            Event::Tokens(run) => self.tokens(out, run),
            Event::End(index, segment) => self.end(out, index, segment),
            Event::Finish(_) => {}
        }
    }

    fn close(&mut self, out: &mut BytesMut, _tokens: u32) {
        self.head.set_completed();
        let name = match self.finish {
            Finish::Length => "response.incomplete",
            Finish::Stop | Finish::StopSequence(_) | Finish::ToolCalls | Finish::Refused => {
                "response.completed"
            }
        };
        self.write_event(out, name, |this, out| {
            out.extend_from_slice(b",\"response\":");
            this.head.write_ended(out, this.finish, &this.ended, this.counts);
        });
    }
}

#[cfg(test)]
mod tests;
