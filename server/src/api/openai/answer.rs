//! What every form of a chat answer has in common, and the plain form.

use bytes::{Bytes, BytesMut};
use weir_model::{Choice, Content, Finish, Kind, Text};

use crate::api::json::{write_escaped, write_number};

/// What identifies an answer.
#[derive(Debug)]
pub(super) struct Head {
    pub(super) id: String,
    /// Seconds since 1970.
    pub(super) created: u64,
    /// As the client named it.
    pub(super) model: String,
    pub(super) prompt_tokens: u32,
}

/// Why an answer ended, in the provider's words.
pub(super) const fn finish_reason(finish: Finish) -> &'static [u8] {
    match finish {
        Finish::Stop | Finish::StopSequence(_) | Finish::Refused => b"stop",
        Finish::ToolCalls => b"tool_calls",
        Finish::Length => b"length",
    }
}

impl Head {
    /// Writes from the inside of `"id":"` to the end of the system fingerprint.
    pub(super) fn write_identity(&self, out: &mut BytesMut, object: &str) {
        out.extend_from_slice(b"chatcmpl-");
        out.extend_from_slice(self.id.as_bytes());
        out.extend_from_slice(b"\",\"object\":\"");
        out.extend_from_slice(object.as_bytes());
        out.extend_from_slice(b"\",\"created\":");
        write_number(out, self.created);
        out.extend_from_slice(b",\"model\":\"");
        write_escaped(out, &self.model);
        out.extend_from_slice(b"\",\"service_tier\":\"default\",\"system_fingerprint\":\"fp_weir\"");
    }

    /// Writes the call of a tool as a delta has it, with no arguments yet.
    pub(super) fn write_call(&self, out: &mut BytesMut, choice: u32, call: u32, name: &str) {
        out.extend_from_slice(b"\"tool_calls\":[{\"index\":");
        write_number(out, call.into());
        out.extend_from_slice(b",\"id\":\"");
        out.extend_from_slice(self.call_id(choice, call).as_bytes());
        out.extend_from_slice(b"\",\"type\":\"function\",\"function\":{\"name\":\"");
        write_escaped(out, name);
        out.extend_from_slice(b"\",\"arguments\":\"\"}}]");
    }

    fn call_id(&self, choice: u32, call: u32) -> String {
        format!("call_{}{choice:02x}{call:02x}", self.id)
    }

    /// Writes the usage object.
    pub(super) fn write_usage(&self, out: &mut BytesMut, completion_tokens: u32) {
        let total = u64::from(self.prompt_tokens) + u64::from(completion_tokens);
        out.extend_from_slice(b"{\"prompt_tokens\":");
        write_number(out, self.prompt_tokens.into());
        out.extend_from_slice(b",\"completion_tokens\":");
        write_number(out, completion_tokens.into());
        out.extend_from_slice(b",\"total_tokens\":");
        write_number(out, total);
        out.extend_from_slice(
            b",\"prompt_tokens_details\":{\"cached_tokens\":0,\"audio_tokens\":0},\
              \"completion_tokens_details\":{\"reasoning_tokens\":0,\"audio_tokens\":0,\
              \"accepted_prediction_tokens\":0,\"rejected_prediction_tokens\":0}}",
        );
    }

    /// A whole answer.
    pub(super) fn plain(&self, content: &Content) -> Bytes {
        let mut out = BytesMut::with_capacity(704 + 8 * content.token_count() as usize);
        out.extend_from_slice(b"{\"id\":\"");
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
        write_texts(out, choice, &Kind::Text);
        out.extend_from_slice(b",\"refusal\":");
        write_texts(out, choice, &Kind::Refusal);
        if choice.segments.iter().any(|segment| segment.kind == Kind::Reasoning) {
            out.extend_from_slice(b",\"reasoning_content\":");
            write_texts(out, choice, &Kind::Reasoning);
        }
        let mut calls = 0;
        for segment in &choice.segments {
            let Kind::ToolCall { name } = &segment.kind else { continue };
            out.extend_from_slice(if calls == 0 { &b",\"tool_calls\":["[..] } else { b"," });
            self.write_whole_call(out, (index, calls), name, &segment.text);
            calls += 1;
        }
        if calls > 0 {
            out.extend_from_slice(b"]");
        }
        out.extend_from_slice(b"},\"logprobs\":null,\"finish_reason\":\"");
        out.extend_from_slice(finish_reason(choice.finish));
        out.extend_from_slice(b"\"}");
    }

    fn write_whole_call(&self, out: &mut BytesMut, (choice, call): (u32, u32), name: &str, arguments: &Text) {
        out.extend_from_slice(b"{\"id\":\"");
        out.extend_from_slice(self.call_id(choice, call).as_bytes());
        out.extend_from_slice(b"\",\"type\":\"function\",\"function\":{\"name\":\"");
        write_escaped(out, name);
        out.extend_from_slice(b"\",\"arguments\":\"");
        write_tokens(out, arguments);
        out.extend_from_slice(b"\"}}");
    }
}

/// Writes the texts of one kind as a JSON value: null where there are none.
fn write_texts(out: &mut BytesMut, choice: &Choice, kind: &Kind) {
    let mut texts = choice.segments.iter().filter(|segment| segment.kind == *kind).peekable();
    if texts.peek().is_none() {
        return out.extend_from_slice(b"null");
    }
    out.extend_from_slice(b"\"");
    texts.for_each(|segment| write_tokens(out, &segment.text));
    out.extend_from_slice(b"\"");
}

fn write_tokens(out: &mut BytesMut, text: &Text) {
    let mut tokens = text.tokens();
    while let Some(token) = tokens.next_token() {
        write_escaped(out, token);
    }
}
