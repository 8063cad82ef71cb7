//! The chunks of a streamed chat answer.

use std::mem;

use bytes::{Bytes, BytesMut};
use weir_model::{Event, Finish, ReasoningVisibility, SegmentKind, TokenRun};
use weir_wire::sse;

use super::head::{CallStyle, Head, write_logprobs};
use crate::{
    api::openai::{logprobs::ChoiceLogprobs, sampling::UsageChunks},
    request::json::{write_escaped, write_number},
    token_stream::Encoder,
};

/// Writes chunks. The common parts of a segment's chunks are prepared once, when it begins.
#[derive(Debug)]
pub(super) struct ChatFrames {
    /// From `data: ` to the choice.
    before: Bytes,
    /// From the end of a delta to the end of the event, if that is always the same.
    after: Option<Bytes>,
    head: Head,
    usage: UsageChunks,
    choices: Vec<Progress>,
    /// Tokens sent so far.
    tokens: u32,
}

/// The progress of a choice.
#[derive(Clone, Debug, Default)]
struct Progress {
    /// Whether its first chunk is written.
    is_open: bool,
    /// The number of its tool calls so far.
    calls: u32,
    within: LogprobField,
    /// From `data: ` to the inside of the text of the segment's deltas.
    before: BytesMut,
    /// From the end of that text to the end of the delta.
    after: &'static [u8],
    logprobs: Option<ChoiceLogprobs>,
}

/// The field of log probabilities to which the tokens of a choice belong.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum LogprobField {
    #[default]
    Text,
    Refusal,
    None,
    /// Tokens that are not sent.
    Hidden,
}

/// The end of a chunk's choices, unless it is the last chunk.
const NOT_OVER: &[u8] = b"},\"logprobs\":null,\"finish_reason\":null}]";

impl ChatFrames {
    pub(super) fn new(head: Head, usage: UsageChunks) -> Self {
        let mut before = BytesMut::with_capacity(192);
        before.extend_from_slice(b"data: {");
        head.write_identity(&mut before, "chat.completion.chunk");
        before.extend_from_slice(b",\"choices\":[");
        let after =
            (usage != UsageChunks::Every).then(|| [NOT_OVER, usage.of_chunk(), b"}\n\n"].concat().into());
        Self { before: before.freeze(), after, head, usage, choices: Vec::new(), tokens: 0 }
    }

    /// Writes a chunk up to the inside of a choice's delta.
    fn write_start(&self, out: &mut BytesMut, choice: u32) {
        out.extend_from_slice(&self.before);
        out.extend_from_slice(b"{\"index\":");
        write_number(out, choice.into());
        out.extend_from_slice(b",\"delta\":{");
    }

    /// Writes the rest of a chunk from the end of its choices.
    fn write_end(&self, out: &mut BytesMut) {
        match self.usage {
            UsageChunks::None | UsageChunks::Last => out.extend_from_slice(self.usage.of_chunk()),
            UsageChunks::Every => {
                out.extend_from_slice(b",\"usage\":");
                self.head.write_usage_so_far(out, self.tokens);
            }
        }
        out.extend_from_slice(b"}\n\n");
    }

    /// Writes the rest of a chunk that is not the last, from the end of its delta.
    fn write_not_over(&self, out: &mut BytesMut) {
        match &self.after {
            Some(after) => out.extend_from_slice(after),
            None => {
                out.extend_from_slice(NOT_OVER);
                self.write_end(out);
            }
        }
    }

    fn begin(&mut self, out: &mut BytesMut, choice: u32, kind: &SegmentKind) {
        let index = choice as usize;
        while self.choices.len() <= index {
            let logprobs = self.head.logprobs.map(|logprobs| logprobs.of_choice(self.choices.len() as u32));
            self.choices.push(Progress { logprobs, ..Progress::default() });
        }
        let Some(mut progress) = self.choices.get_mut(index).map(mem::take) else { return };
        if *kind == SegmentKind::Reasoning && self.head.reasoning == ReasoningVisibility::Hidden {
            progress.within = LogprobField::Hidden;
        } else {
            self.begin_deltas(&mut progress, choice, kind);
            self.begin_visible(out, choice, kind, &mut progress);
        }
        if let Some(place) = self.choices.get_mut(index) {
            *place = progress;
        }
    }

    /// Writes the first chunk of a choice with its first visible segment, and that of each tool call.
    fn begin_visible(&self, out: &mut BytesMut, choice: u32, kind: &SegmentKind, progress: &mut Progress) {
        let is_open = mem::replace(&mut progress.is_open, true);
        match (is_open, kind) {
            (false, SegmentKind::Text | SegmentKind::Reasoning | SegmentKind::Refusal) => {
                self.write_opening(out, choice);
            }
            (true, SegmentKind::Text | SegmentKind::Reasoning | SegmentKind::Refusal) => {}
            (_, SegmentKind::ToolCall { name }) => {
                self.write_start(out, choice);
                if !is_open {
                    out.extend_from_slice(b"\"role\":\"assistant\",\"content\":null,");
                }
                self.begin_call(out, (choice, progress.calls), name);
                self.write_not_over(out);
                progress.calls += 1;
            }
        }
    }

    /// Writes the first chunk of a choice.
    fn write_opening(&self, out: &mut BytesMut, choice: u32) {
        self.write_start(out, choice);
        out.extend_from_slice(b"\"role\":\"assistant\",\"content\":\"\",\"refusal\":null");
        self.write_not_over(out);
    }

    /// Prepares the common parts of a segment's deltas.
    fn begin_deltas(&self, progress: &mut Progress, choice: u32, kind: &SegmentKind) {
        let before = &mut progress.before;
        before.clear();
        self.write_start(before, choice);
        let (within, text, after): (_, &[u8], &[u8]) = match kind {
            SegmentKind::Text => (LogprobField::Text, b"\"content\":\"", b"\""),
            SegmentKind::Refusal => (LogprobField::Refusal, b"\"refusal\":\"", b"\""),
            SegmentKind::Reasoning => (LogprobField::None, b"\"reasoning_content\":\"", b"\""),
            SegmentKind::ToolCall { name } => {
                let calling = self.head.calling(name);
                let (named, given) = calling.fields();
                let mut after: &[u8] = b"\"}";
                if calling != CallStyle::Function {
                    before.extend_from_slice(b"\"tool_calls\":[{\"index\":");
                    write_number(before, progress.calls.into());
                    before.extend_from_slice(b",");
                    after = b"\"}}]";
                }
                before.extend_from_slice(b"\"");
                before.extend_from_slice(named.as_bytes());
                before.extend_from_slice(b"\":{\"");
                before.extend_from_slice(given.as_bytes());
                (LogprobField::None, b"\":\"", after)
            }
        };
        before.extend_from_slice(text);
        (progress.within, progress.after) = (within, after);
    }

    /// Writes a call without arguments.
    fn begin_call(&self, out: &mut BytesMut, (choice, call): (u32, u32), name: &str) {
        match self.head.calling(name) {
            CallStyle::Function => {
                out.extend_from_slice(b"\"function_call\":{");
                self.head.write_call(out, (choice, call), name);
                out.extend_from_slice(b"\"}");
            }
            CallStyle::Tool | CallStyle::Custom => {
                out.extend_from_slice(b"\"tool_calls\":[{\"index\":");
                write_number(out, call.into());
                out.extend_from_slice(b",");
                self.head.write_call(out, (choice, call), name);
                out.extend_from_slice(b"\"}}]");
            }
        }
    }

    fn tokens(&mut self, out: &mut BytesMut, choice: u32, run: TokenRun<'_>) {
        self.tokens += run.count();
        let Some(progress) = self.choices.get_mut(choice as usize) else { return };
        let logprobs = match (progress.within, &mut progress.logprobs) {
            (LogprobField::Text, Some(logprobs)) => Some((SegmentKind::Text, logprobs)),
            (LogprobField::Refusal, Some(logprobs)) => Some((SegmentKind::Refusal, logprobs)),
            (LogprobField::Hidden, _) => return,
            (LogprobField::None, _) | (_, None) => None,
        };
        let text = run.text();
        // They end within a character: the next ones have the whole character. Logprobs are sent nevertheless.
        if text.is_empty() && logprobs.is_none() {
            return;
        }
        out.reserve(progress.before.len() + text.len() + 128);
        out.extend_from_slice(&progress.before);
        write_escaped(out, text);
        out.extend_from_slice(progress.after);
        let Some((kind, logprobs)) = logprobs else { return self.write_not_over(out) };
        out.extend_from_slice(b"},\"logprobs\":");
        write_logprobs(out, &kind, |out| {
            for (index, token) in run.tokens().enumerate() {
                if index > 0 {
                    out.extend_from_slice(b",");
                }
                logprobs.draw().write(out, token);
            }
        });
        out.extend_from_slice(b",\"finish_reason\":null}]");
        self.write_end(out);
    }

    fn finish(&self, out: &mut BytesMut, choice: u32, finish: Finish) {
        // Hidden reasoning took all tokens.
        if self.choices.get(choice as usize).is_some_and(|progress| !progress.is_open) {
            self.write_opening(out, choice);
        }
        self.write_start(out, choice);
        out.extend_from_slice(b"},\"logprobs\":null,\"finish_reason\":\"");
        out.extend_from_slice(self.head.finish_reason(finish));
        out.extend_from_slice(b"\"}]");
        self.write_end(out);
    }
}

impl Encoder for ChatFrames {
    fn event(&mut self, out: &mut BytesMut, choice: u32, event: Event<'_>) {
        match event {
            Event::Begin(_, segment) => self.begin(out, choice, &segment.kind),
            Event::Tokens(run) => self.tokens(out, choice, run),
            Event::End(..) => {}
            Event::Finish(finish) => self.finish(out, choice, finish),
        }
    }

    fn close(&mut self, out: &mut BytesMut, tokens: u32) {
        match self.usage {
            UsageChunks::None => {}
            UsageChunks::Last | UsageChunks::Every => {
                out.extend_from_slice(&self.before);
                out.extend_from_slice(b"],\"usage\":");
                self.head.write_usage(out, tokens);
                out.extend_from_slice(b"}\n\n");
            }
        }
        out.extend_from_slice(sse::DONE);
    }
}

#[cfg(test)]
mod tests;
