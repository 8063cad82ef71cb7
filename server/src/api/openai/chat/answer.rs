//! A chat answer in one piece.

use bytes::{Bytes, BytesMut};
use weir_model::{Choice, Content, ReasoningVisibility, SegmentKind};

use super::head::{CallStyle, Head, write_logprobs};
use crate::{
    api::openai::logprobs::Logprobs,
    request::json::{write_number, write_tokens},
};

impl Head {
    /// A whole answer.
    pub(super) fn plain(&self, content: &Content) -> Bytes {
        let mut out = BytesMut::with_capacity(704 + 8 * content.token_count() as usize);
        out.extend_from_slice(b"{");
        self.write_identity(&mut out, "chat.completion");
        out.extend_from_slice(b",\"choices\":[");
        for (index, choice) in (0..).zip(content.choices()) {
            if index > 0 {
                out.extend_from_slice(b",");
            }
            self.write_choice(&mut out, index, choice);
        }
        out.extend_from_slice(b"],\"usage\":");
        self.write_usage(&mut out, content.token_count());
        out.extend_from_slice(b"}");
        out.freeze()
    }

    fn write_choice(&self, out: &mut BytesMut, index: u32, choice: &Choice) {
        out.extend_from_slice(b"{\"index\":");
        write_number(out, index.into());
        out.extend_from_slice(b",\"message\":{\"role\":\"assistant\",\"content\":");
        if choice.segments.iter().all(|segment| segment.kind == SegmentKind::Reasoning) {
            // The reasoning took all tokens.
            out.extend_from_slice(b"\"\"");
        } else {
            write_texts(out, choice, &SegmentKind::Text);
        }
        out.extend_from_slice(b",\"refusal\":");
        write_texts(out, choice, &SegmentKind::Refusal);
        if has(choice, &SegmentKind::Reasoning) && self.reasoning == ReasoningVisibility::Shown {
            out.extend_from_slice(b",\"reasoning_content\":");
            write_texts(out, choice, &SegmentKind::Reasoning);
        }
        self.write_calls(out, index, choice);
        out.extend_from_slice(b"},\"logprobs\":");
        match self.logprobs {
            Some(logprobs) => write_choice_logprobs(out, logprobs, index, choice),
            None => out.extend_from_slice(b"null"),
        }
        out.extend_from_slice(b",\"finish_reason\":\"");
        out.extend_from_slice(self.finish_reason(choice.finish));
        out.extend_from_slice(b"\"}");
    }

    fn write_calls(&self, out: &mut BytesMut, index: u32, choice: &Choice) {
        let mut after: &[u8] = b"";
        let mut calls = 0;
        for segment in &choice.segments {
            let SegmentKind::ToolCall { name } = &segment.kind else { continue };
            match (self.calling(name), calls) {
                (CallStyle::Function, _) => out.extend_from_slice(b",\"function_call\":{"),
                (CallStyle::Tool | CallStyle::Custom, 0) => {
                    out.extend_from_slice(b",\"tool_calls\":[{");
                    after = b"]";
                }
                (CallStyle::Tool | CallStyle::Custom, _) => out.extend_from_slice(b",{"),
            }
            self.write_call(out, (index, calls), name);
            write_tokens(out, &segment.text);
            out.extend_from_slice(match self.calling(name) {
                CallStyle::Function => b"\"}",
                CallStyle::Tool | CallStyle::Custom => b"\"}}",
            });
            calls += 1;
        }
        out.extend_from_slice(after);
    }
}

fn has(choice: &Choice, kind: &SegmentKind) -> bool {
    choice.segments.iter().any(|segment| segment.kind == *kind)
}

/// Writes the texts of one kind as a JSON value: null if there are none.
fn write_texts(out: &mut BytesMut, choice: &Choice, kind: &SegmentKind) {
    if !has(choice, kind) {
        return out.extend_from_slice(b"null");
    }
    out.extend_from_slice(b"\"");
    let texts = choice.segments.iter().filter(|segment| segment.kind == *kind);
    texts.for_each(|segment| write_tokens(out, &segment.text));
    out.extend_from_slice(b"\"");
}

/// Writes the log probabilities of a choice's text or refusal, if it has either.
fn write_choice_logprobs(out: &mut BytesMut, logprobs: Logprobs, index: u32, choice: &Choice) {
    let kind = if has(choice, &SegmentKind::Refusal) { SegmentKind::Refusal } else { SegmentKind::Text };
    if !has(choice, &kind) {
        return out.extend_from_slice(b"{\"content\":null,\"refusal\":null}");
    }
    let mut logprobs = logprobs.of_choice(index);
    write_logprobs(out, &kind, |out| {
        let mut before: &[u8] = b"";
        for segment in choice.segments.iter().filter(|segment| segment.kind == kind) {
            let mut tokens = segment.text.tokens();
            while let Some(token) = tokens.next_token() {
                out.extend_from_slice(before);
                logprobs.draw().write(out, token);
                before = b",";
            }
        }
    });
}
