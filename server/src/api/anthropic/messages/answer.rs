//! The common parts of plain and streamed answers, and the plain answer.

use bytes::{Bytes, BytesMut};
use serde::de::IgnoredAny;
use twox_hash::XxHash3_64;
use weir_model::{Choice, Content, Finish, Segment, SegmentKind, Text};

use crate::{
    api::anthropic::{
        cache::CacheUsage,
        request::{Display, Request},
    },
    request::json::{write_escaped, write_number, write_tokens},
};

/// Words of a signature, of 16 digits each.
const SIGNATURE_WORDS: u64 = 6;

/// All of an answer but its content.
#[derive(Debug)]
pub(super) struct Head {
    /// The base of its ids.
    digits: String,
    /// The model's name in the request.
    model: String,
    usage: Usage,
    finish: Finish,
    /// The stop sequence that ended it.
    stop_sequence: Option<String>,
    pub(super) display: Display,
}

/// The usage of an answer, in tokens.
#[derive(Clone, Copy, Debug)]
struct Usage {
    /// Neither read from the cache nor written to it.
    input: u32,
    cached: CacheUsage,
    output: u32,
    thinking: u32,
}

impl Head {
    pub(super) fn new(
        digits: &str,
        request: &Request<'_>,
        prompt_tokens: u32,
        cached: CacheUsage,
        content: &Content,
    ) -> Self {
        let finish = content.finish();
        let stop_sequence = match finish {
            Finish::StopSequence(index) => request.stop.get(index).map(ToString::to_string),
            Finish::Stop | Finish::Length | Finish::ToolCalls | Finish::Refused => None,
        };
        let input = prompt_tokens.saturating_sub(cached.read).saturating_sub(cached.created());
        let (output, thinking) = (content.token_count(), content.reasoning_count());
        Self {
            digits: digits.to_owned(),
            model: request.model.to_string(),
            usage: Usage { input, cached, output, thinking },
            finish,
            stop_sequence,
            display: request.thinking.display,
        }
    }

    /// A whole answer.
    pub(super) fn plain(&self, content: &Content) -> Bytes {
        let mut out = BytesMut::with_capacity(768 + 8 * content.token_count() as usize);
        out.extend_from_slice(b"{");
        self.write_identity(&mut out);
        out.extend_from_slice(b",\"content\":[");
        if let Some(choice) = content.choices().first() {
            self.write_blocks(&mut out, choice);
        }
        out.extend_from_slice(b"],");
        self.write_stop(&mut out);
        out.extend_from_slice(b",\"usage\":");
        self.write_usage(&mut out, self.usage.output);
        out.extend_from_slice(b"}");
        out.freeze()
    }

    /// Writes role and model.
    pub(super) fn write_identity(&self, out: &mut BytesMut) {
        out.extend_from_slice(b"\"model\":\"");
        write_escaped(out, &self.model);
        out.extend_from_slice(b"\",\"id\":\"msg_01");
        out.extend_from_slice(self.digits.as_bytes());
        out.extend_from_slice(b"\",\"type\":\"message\",\"role\":\"assistant\"");
    }

    /// Writes the stop reason.
    pub(super) fn write_stop(&self, out: &mut BytesMut) {
        out.extend_from_slice(b"\"stop_reason\":\"");
        out.extend_from_slice(stop_reason(self.finish));
        out.extend_from_slice(b"\",\"stop_sequence\":");
        match &self.stop_sequence {
            Some(sequence) => {
                out.extend_from_slice(b"\"");
                write_escaped(out, sequence);
                out.extend_from_slice(b"\"");
            }
            None => out.extend_from_slice(b"null"),
        }
        out.extend_from_slice(b",\"stop_details\":");
        out.extend_from_slice(match self.finish {
            Finish::Refused => b"{\"type\":\"refusal\",\"category\":null,\"explanation\":null}",
            Finish::Stop | Finish::Length | Finish::StopSequence(_) | Finish::ToolCalls => b"null",
        });
    }

    /// Writes the usage after `output` tokens.
    pub(super) fn write_usage(&self, out: &mut BytesMut, output: u32) {
        let CacheUsage { created_5m, created_1h, .. } = self.usage.cached;
        self.write_input(out);
        out.extend_from_slice(b",\"cache_creation\":{\"ephemeral_5m_input_tokens\":");
        write_number(out, created_5m.into());
        out.extend_from_slice(b",\"ephemeral_1h_input_tokens\":");
        write_number(out, created_1h.into());
        out.extend_from_slice(b"}");
        self.write_output(out, output);
        out.extend_from_slice(b",\"service_tier\":\"standard\",\"inference_geo\":\"global\"}");
    }

    /// Writes the usage at the start of a stream, with one output token.
    pub(super) fn write_first_usage(&self, out: &mut BytesMut) {
        self.write_usage(out, self.usage.output.min(1));
    }

    /// Writes the usage of a whole message, as at the end of a stream.
    pub(super) fn write_last_usage(&self, out: &mut BytesMut) {
        self.write_input(out);
        self.write_output(out, self.usage.output);
        out.extend_from_slice(b"}");
    }

    fn write_input(&self, out: &mut BytesMut) {
        let Usage { input, cached, .. } = self.usage;
        out.extend_from_slice(b"{\"input_tokens\":");
        write_number(out, input.into());
        out.extend_from_slice(b",\"cache_creation_input_tokens\":");
        write_number(out, cached.created().into());
        out.extend_from_slice(b",\"cache_read_input_tokens\":");
        write_number(out, cached.read.into());
    }

    fn write_output(&self, out: &mut BytesMut, output: u32) {
        out.extend_from_slice(b",\"output_tokens\":");
        write_number(out, output.into());
        out.extend_from_slice(b",\"output_tokens_details\":{\"thinking_tokens\":");
        write_number(out, self.usage.thinking.min(output).into());
        out.extend_from_slice(b"}");
    }

    fn write_blocks(&self, out: &mut BytesMut, choice: &Choice) {
        let mut is_first = true;
        for (block, segment) in choice.segments.iter().enumerate() {
            if is_left_out(segment) {
                continue;
            }
            if !is_first {
                out.extend_from_slice(b",");
            }
            is_first = false;
            self.write_block(out, block, segment);
        }
    }

    fn write_block(&self, out: &mut BytesMut, block: usize, segment: &Segment) {
        match &segment.kind {
            SegmentKind::Text | SegmentKind::Refusal => {
                out.extend_from_slice(b"{\"type\":\"text\",\"text\":\"");
                write_tokens(out, &segment.text);
                out.extend_from_slice(b"\"}");
            }
            SegmentKind::Reasoning => {
                out.extend_from_slice(b"{\"type\":\"thinking\",\"thinking\":\"");
                match self.display {
                    Display::Summarized => write_tokens(out, &segment.text),
                    Display::Omitted => {}
                }
                out.extend_from_slice(b"\",\"signature\":\"");
                self.write_signature(out);
                out.extend_from_slice(b"\"}");
            }
            SegmentKind::ToolCall { name } => {
                out.extend_from_slice(b"{");
                self.write_call(out, block, name);
                out.extend_from_slice(b",\"input\":");
                write_input_json(out, &segment.text);
                out.extend_from_slice(b"}");
            }
        }
    }

    /// Writes a tool call up to its input.
    pub(super) fn write_call(&self, out: &mut BytesMut, block: usize, name: &str) {
        out.extend_from_slice(b"\"type\":\"tool_use\",\"id\":\"toolu_01");
        out.extend_from_slice(self.digits.as_bytes());
        write_number(out, block as u64);
        out.extend_from_slice(b"\",\"name\":\"");
        write_escaped(out, name);
        out.extend_from_slice(b"\",\"caller\":{\"type\":\"direct\"}");
    }

    /// Writes the simulated signature of reasoning.
    pub(super) fn write_signature(&self, out: &mut BytesMut) {
        for word in 0..SIGNATURE_WORDS {
            let word = XxHash3_64::oneshot_with_seed(word, self.digits.as_bytes());
            out.extend_from_slice(format!("{word:016x}").as_bytes());
        }
    }
}

/// An empty text has no block.
pub(super) fn is_left_out(segment: &Segment) -> bool {
    match segment.kind {
        SegmentKind::Text | SegmentKind::Refusal | SegmentKind::Reasoning => segment.text.token_count() == 0,
        SegmentKind::ToolCall { .. } => false,
    }
}

const fn stop_reason(finish: Finish) -> &'static [u8] {
    match finish {
        Finish::Stop => b"end_turn",
        Finish::Length => b"max_tokens",
        Finish::StopSequence(_) => b"stop_sequence",
        Finish::ToolCalls => b"tool_use",
        Finish::Refused => b"refusal",
    }
}

/// Writes the input of a tool; an empty object if the input was cut at the limit and is not valid JSON.
fn write_input_json(out: &mut BytesMut, text: &Text) {
    let json = text.to_string();
    let is_whole = serde_json::from_str::<IgnoredAny>(&json).is_ok();
    out.extend_from_slice(if is_whole { json.as_bytes() } else { b"{}" });
}
