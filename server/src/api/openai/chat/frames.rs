//! The chunks of a streamed chat answer.

use bytes::{Bytes, BytesMut};
use weir_model::{Event, Finish, Kind};
use weir_wire::sse;

use super::head::{Calling, Head, write_logprobs};
use crate::{
    api::{
        json::{write_escaped, write_number},
        openai::{odds::ChoiceOdds, sampling::UsageChunks},
    },
    delivery::Encoder,
};

/// Writes chunks. What all have in common is written once, when the stream begins.
#[derive(Debug)]
pub(super) struct ChatFrames {
    /// From `data: ` to the choice.
    before: Bytes,
    /// From the end of a text in a delta to the end of the event, where that is always the same.
    after: Option<Bytes>,
    head: Head,
    usage: UsageChunks,
    choices: Vec<Progress>,
    /// Tokens said so far.
    tokens: u32,
}

/// How far a choice has come.
#[derive(Clone, Debug, Default)]
struct Progress {
    /// Tools that it has called.
    calls: u32,
    within: Within,
    odds: Option<ChoiceOdds>,
}

/// What the tokens of a choice belong to.
#[derive(Clone, Copy, Debug, Default)]
enum Within {
    #[default]
    Text,
    Reasoning,
    Refusal,
    Call(Calling),
}

const NOT_OVER: &[u8] = b"},\"logprobs\":null,\"finish_reason\":null}]";

impl ChatFrames {
    pub(super) fn new(head: Head, usage: UsageChunks) -> Self {
        let mut before = BytesMut::with_capacity(192);
        before.extend_from_slice(b"data: {");
        head.write_identity(&mut before, "chat.completion.chunk");
        before.extend_from_slice(b",\"choices\":[");
        let mut after = BytesMut::with_capacity(96);
        after.extend_from_slice(b"\"");
        after.extend_from_slice(NOT_OVER);
        after.extend_from_slice(usage.of_chunk());
        after.extend_from_slice(b"}\n\n");
        let is_fixed = head.odds.is_none() && usage != UsageChunks::Every;
        let after = is_fixed.then(|| after.freeze());
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

    fn begin(&mut self, out: &mut BytesMut, choice: u32, place: usize, kind: &Kind) {
        let index = choice as usize;
        while self.choices.len() <= index {
            let odds = self.head.odds.map(|odds| odds.of_choice(self.choices.len() as u32));
            self.choices.push(Progress { odds, ..Progress::default() });
        }
        let Some(progress) = self.choices.get_mut(index) else { return };
        let call = progress.calls;
        progress.within = match kind {
            Kind::Text => Within::Text,
            Kind::Reasoning => Within::Reasoning,
            Kind::Refusal => Within::Refusal,
            Kind::ToolCall { name } => {
                progress.calls += 1;
                Within::Call(self.head.calling(name))
            }
        };
        match (place, kind) {
            (0, Kind::Text | Kind::Reasoning | Kind::Refusal) => {
                self.write_start(out, choice);
                out.extend_from_slice(b"\"role\":\"assistant\",\"content\":\"\",\"refusal\":null");
            }
            (_, Kind::Text | Kind::Reasoning | Kind::Refusal) => return,
            (_, Kind::ToolCall { name }) => {
                self.write_start(out, choice);
                if place == 0 {
                    out.extend_from_slice(b"\"role\":\"assistant\",\"content\":null,");
                }
                self.begin_call(out, (choice, call), name);
            }
        }
        out.extend_from_slice(NOT_OVER);
        self.write_end(out);
    }

    /// Writes a call with no arguments yet.
    fn begin_call(&self, out: &mut BytesMut, (choice, call): (u32, u32), name: &str) {
        match self.head.calling(name) {
            Calling::Function => {
                out.extend_from_slice(b"\"function_call\":{");
                self.head.write_call(out, (choice, call), name);
                out.extend_from_slice(b"\"}");
            }
            Calling::Tool | Calling::Custom => {
                out.extend_from_slice(b"\"tool_calls\":[{\"index\":");
                write_number(out, call.into());
                out.extend_from_slice(b",");
                self.head.write_call(out, (choice, call), name);
                out.extend_from_slice(b"\"}}]");
            }
        }
    }

    fn token(&mut self, out: &mut BytesMut, choice: u32, token: &str) {
        self.tokens += 1;
        let Some(progress) = self.choices.get(choice as usize) else { return };
        let (within, calls) = (progress.within, progress.calls);
        let has_odds = progress.odds.is_some() && matches!(within, Within::Text | Within::Refusal);
        // It ends inside of a character: the next has the whole. Its odds are told all the same.
        if token.is_empty() && !has_odds {
            return;
        }
        out.reserve(self.before.len() + token.len() + 160);
        self.write_start(out, choice);
        match within {
            Within::Text => out.extend_from_slice(b"\"content\":\""),
            Within::Reasoning => out.extend_from_slice(b"\"reasoning_content\":\""),
            Within::Refusal => out.extend_from_slice(b"\"refusal\":\""),
            Within::Call(calling) => return self.write_given(out, (calling, calls), token),
        }
        write_escaped(out, token);
        if let Some(after) = &self.after {
            return out.extend_from_slice(after);
        }
        let odds = self.choices.get_mut(choice as usize).and_then(|progress| progress.odds.as_mut());
        match odds {
            Some(odds) if has_odds => {
                let kind = if matches!(within, Within::Refusal) { Kind::Refusal } else { Kind::Text };
                out.extend_from_slice(b"\"},\"logprobs\":");
                write_logprobs(out, &kind, |out| odds.draw().write(out, token));
                out.extend_from_slice(b",\"finish_reason\":null}]");
            }
            Some(_) | None => {
                out.extend_from_slice(b"\"");
                out.extend_from_slice(NOT_OVER);
            }
        }
        self.write_end(out);
    }

    /// Writes a piece of what a tool is given.
    fn write_given(&self, out: &mut BytesMut, (calling, calls): (Calling, u32), piece: &str) {
        let (named, given) = calling.fields();
        let is_tool = calling != Calling::Function;
        if is_tool {
            out.extend_from_slice(b"\"tool_calls\":[{\"index\":");
            write_number(out, calls.saturating_sub(1).into());
            out.extend_from_slice(b",");
        }
        out.extend_from_slice(b"\"");
        out.extend_from_slice(named.as_bytes());
        out.extend_from_slice(b"\":{\"");
        out.extend_from_slice(given.as_bytes());
        out.extend_from_slice(b"\":\"");
        write_escaped(out, piece);
        out.extend_from_slice(if is_tool { b"\"}}]" } else { b"\"}" });
        out.extend_from_slice(NOT_OVER);
        self.write_end(out);
    }

    fn finish(&self, out: &mut BytesMut, choice: u32, finish: Finish) {
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
            Event::Begin(place, segment) => self.begin(out, choice, place, &segment.kind),
            Event::Token(token) => self.token(out, choice, token),
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
