//! Log probabilities in the format of completions: parallel lists.

use bytes::BytesMut;
use weir_model::Text;

use crate::{
    api::openai::logprobs::{ChoiceLogprobs, TokenLogprobs, write_logprob},
    request::json::{write_escaped, write_number},
};

/// The log probabilities of some tokens. Their parts are written to separate lists, which are joined at the end.
#[derive(Debug, Default)]
pub(super) struct LogprobLists {
    tokens: BytesMut,
    logprobs: BytesMut,
    top: BytesMut,
    offsets: BytesMut,
}

impl LogprobLists {
    /// Adds an output token, `offset` characters after the beginning of its choice's text.
    pub(super) fn add(&mut self, token: &str, drawn: TokenLogprobs, offset: u64) {
        self.begin(token, offset);
        write_logprob(&mut self.logprobs, drawn.logprob);
        self.top.extend_from_slice(b"{");
        // The output token is included whatever the number.
        let entries = drawn.top(token).chain([(token, drawn.logprob)]).take(drawn.top_count().max(1));
        for (rank, (token, logprob)) in entries.enumerate() {
            self.top.extend_from_slice(if rank == 0 { b"\"" } else { b",\"" });
            write_escaped(&mut self.top, token);
            self.top.extend_from_slice(b"\":");
            write_logprob(&mut self.top, logprob);
        }
        self.top.extend_from_slice(b"}");
    }

    /// Adds the first token of a prompt.
    fn add_first(&mut self, token: &str) {
        self.begin(token, 0);
        self.logprobs.extend_from_slice(b"null");
        self.top.extend_from_slice(b"null");
    }

    /// Adds the tokens of an echoed prompt, and returns their number of characters. The first has null instead of
    /// logprobs: nothing precedes it.
    pub(super) fn add_prompt(&mut self, prompt: &str, logprobs: &mut ChoiceLogprobs) -> u64 {
        let text = Text::tokenized(prompt, u32::MAX);
        let (mut tokens, mut offset) = (text.tokens(), 0);
        while let Some(token) = tokens.next_token() {
            let drawn = logprobs.draw();
            match offset {
                0 => self.add_first(token),
                _ => self.add(token, drawn, offset),
            }
            offset += characters(token);
        }
        offset
    }

    /// Writes the object that holds them.
    pub(super) fn write(&self, out: &mut BytesMut) {
        out.extend_from_slice(b"{\"tokens\":[");
        out.extend_from_slice(&self.tokens);
        out.extend_from_slice(b"],\"token_logprobs\":[");
        out.extend_from_slice(&self.logprobs);
        out.extend_from_slice(b"],\"top_logprobs\":[");
        out.extend_from_slice(&self.top);
        out.extend_from_slice(b"],\"text_offset\":[");
        out.extend_from_slice(&self.offsets);
        out.extend_from_slice(b"]}");
    }

    fn begin(&mut self, token: &str, offset: u64) {
        if !self.tokens.is_empty() {
            for list in [&mut self.tokens, &mut self.logprobs, &mut self.top, &mut self.offsets] {
                list.extend_from_slice(b",");
            }
        }
        self.tokens.extend_from_slice(b"\"");
        write_escaped(&mut self.tokens, token);
        self.tokens.extend_from_slice(b"\"");
        write_number(&mut self.offsets, offset);
    }
}

/// The length of a token in the unit of offsets.
pub(super) fn characters(token: &str) -> u64 {
    token.chars().count() as u64
}
