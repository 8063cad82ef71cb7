//! The chunks of a streamed completion.

use bytes::{Bytes, BytesMut};
use weir_model::{Event, TokenRun};
use weir_wire::sse;

use super::{
    head::{Head, finish_reason},
    logprobs::{LogprobLists, characters},
};
use crate::{
    api::openai::{logprobs::ChoiceLogprobs, sampling::UsageChunks},
    request::json::{write_escaped, write_number},
    token_stream::Encoder,
};

/// Writes chunks. Their common parts are prepared once, when the stream begins.
#[derive(Debug)]
pub(super) struct CompletionFrames {
    /// From `data: ` to the inside of the choice's text.
    before: Bytes,
    head: Head,
    usage: UsageChunks,
    choices: Vec<Progress>,
    /// Tokens sent so far.
    tokens: u32,
}

/// The progress of a choice.
#[derive(Clone, Debug, Default)]
struct Progress {
    logprobs: Option<ChoiceLogprobs>,
    /// Characters so far.
    offset: u64,
}

const NOT_OVER: &[u8] = b"null";

impl CompletionFrames {
    pub(super) fn new(head: Head, usage: UsageChunks) -> Self {
        let mut before = BytesMut::with_capacity(192);
        before.extend_from_slice(b"data: {");
        head.write_start(&mut before);
        Self { before: before.freeze(), head, usage, choices: Vec::new(), tokens: 0 }
    }

    /// Writes one chunk.
    fn write(
        &self,
        out: &mut BytesMut,
        choice: u32,
        text: &str,
        lists: Option<&LogprobLists>,
        finish: &[u8],
    ) {
        out.reserve(self.before.len() + text.len() + 160);
        out.extend_from_slice(&self.before);
        out.extend_from_slice(b"{\"text\":\"");
        write_escaped(out, text);
        out.extend_from_slice(b"\",\"index\":");
        write_number(out, choice.into());
        out.extend_from_slice(b",\"logprobs\":");
        match lists {
            Some(lists) => lists.write(out),
            None => out.extend_from_slice(b"null"),
        }
        out.extend_from_slice(b",\"finish_reason\":");
        out.extend_from_slice(finish);
        out.extend_from_slice(b"}]");
        match self.usage {
            UsageChunks::None | UsageChunks::Last => out.extend_from_slice(self.usage.of_chunk()),
            UsageChunks::Every => {
                out.extend_from_slice(b",\"usage\":");
                self.head.write_usage(out, self.tokens);
            }
        }
        out.extend_from_slice(b"}\n\n");
    }

    /// Writes the prompt, if it is echoed.
    fn begin(&mut self, out: &mut BytesMut, choice: u32) {
        let index = choice as usize;
        while self.choices.len() <= index {
            let logprobs = self.head.logprobs.map(|logprobs| logprobs.of_choice(self.choices.len() as u32));
            self.choices.push(Progress { logprobs, offset: 0 });
        }
        let prompt = self.head.echo(choice);
        if prompt.is_empty() {
            return;
        }
        let Some(progress) = self.choices.get_mut(index) else { return };
        let lists = progress.logprobs.as_mut().map(|logprobs| {
            let mut lists = LogprobLists::default();
            progress.offset = lists.add_prompt(prompt, logprobs);
            lists
        });
        self.write(out, choice, prompt, lists.as_ref(), NOT_OVER);
    }

    fn tokens(&mut self, out: &mut BytesMut, choice: u32, run: TokenRun<'_>) {
        self.tokens += run.count();
        let Some(progress) = self.choices.get_mut(choice as usize) else { return };
        let lists = progress.logprobs.as_mut().map(|logprobs| {
            let mut lists = LogprobLists::default();
            for token in run.tokens() {
                lists.add(token, logprobs.draw(), progress.offset);
                progress.offset += characters(token);
            }
            lists
        });
        // The tokens end within a character: the next ones have the whole character. Their logprobs are sent nevertheless.
        if !run.text().is_empty() || lists.is_some() {
            self.write(out, choice, run.text(), lists.as_ref(), NOT_OVER);
        }
    }
}

impl Encoder for CompletionFrames {
    fn event(&mut self, out: &mut BytesMut, choice: u32, event: Event<'_>) {
        match event {
            Event::Begin(0, _) => self.begin(out, choice),
            Event::Begin(..) | Event::End(..) => {}
            Event::Tokens(run) => self.tokens(out, choice, run),
            Event::Finish(finish) => {
                let reason = [b"\"", finish_reason(finish), b"\""].concat();
                self.write(out, choice, "", None, &reason);
            }
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
