//! The common parts of plain and streamed chat answers.

use bytes::BytesMut;
use weir_model::{Finish, ReasoningVisibility, SegmentKind};

use super::request::CallForm;
use crate::{
    api::openai::{
        identity::{FINGERPRINT, Identity, write_usage_start},
        logprobs::Logprobs,
    },
    request::json::{write_escaped, write_number},
};

/// All of a chat answer but its content.
#[derive(Debug)]
pub(super) struct Head {
    pub(super) identity: Identity,
    pub(super) service_tier: &'static str,
    pub(super) tokens: Tokens,
    pub(super) calls: CallForm,
    pub(super) reasoning: ReasoningVisibility,
    /// Set if log probabilities are requested.
    pub(super) logprobs: Option<Logprobs>,
}

/// The token counts of usage besides the output tokens.
#[derive(Clone, Copy, Debug)]
pub(super) struct Tokens {
    pub(super) prompt: u32,
    /// Of these, cached tokens.
    pub(super) cached: u32,
    /// Of the prompt, audio tokens.
    pub(super) audio: u32,
    /// Of the output tokens.
    pub(super) reasoning: u32,
}

/// The shape of one call.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum CallStyle {
    #[default]
    Tool,
    Custom,
    Function,
}

impl CallStyle {
    /// The fields of the call's object and of the tool's input.
    pub(super) const fn fields(self) -> (&'static str, &'static str) {
        match self {
            Self::Tool => ("function", "arguments"),
            Self::Custom => ("custom", "input"),
            Self::Function => ("function_call", "arguments"),
        }
    }
}

impl Head {
    /// Writes from the first field to the system fingerprint.
    pub(super) fn write_identity(&self, out: &mut BytesMut, object: &str) {
        self.identity.write(out, "chatcmpl-", object);
        out.extend_from_slice(b",\"service_tier\":\"");
        out.extend_from_slice(self.service_tier.as_bytes());
        out.extend_from_slice(b"\",\"system_fingerprint\":\"");
        out.extend_from_slice(FINGERPRINT.as_bytes());
        out.extend_from_slice(b"\"");
    }

    /// Writes the usage object of the whole answer.
    pub(super) fn write_usage(&self, out: &mut BytesMut, completion_tokens: u32) {
        write_usage_start(out, self.tokens.prompt, completion_tokens);
        out.extend_from_slice(b",\"prompt_tokens_details\":{\"cached_tokens\":");
        write_number(out, self.tokens.cached.into());
        out.extend_from_slice(b",\"audio_tokens\":");
        write_number(out, self.tokens.audio.into());
        out.extend_from_slice(b"},\"completion_tokens_details\":{\"reasoning_tokens\":");
        write_number(out, self.tokens.reasoning.into());
        out.extend_from_slice(
            b",\"audio_tokens\":0,\"accepted_prediction_tokens\":0,\"rejected_prediction_tokens\":0}}",
        );
    }

    /// Writes the usage of an unfinished answer.
    pub(super) fn write_usage_so_far(&self, out: &mut BytesMut, completion_tokens: u32) {
        write_usage_start(out, self.tokens.prompt, completion_tokens);
        out.extend_from_slice(b"}");
    }

    /// The shape of calls of the tool `name`.
    pub(super) fn calling(&self, name: &str) -> CallStyle {
        match &self.calls {
            CallForm::Function => CallStyle::Function,
            CallForm::Tools { custom } if custom.iter().any(|custom| **custom == *name) => CallStyle::Custom,
            CallForm::Tools { .. } => CallStyle::Tool,
        }
    }

    /// Writes a call from its id to the inside of the tool's input.
    pub(super) fn write_call(&self, out: &mut BytesMut, (choice, call): (u32, u32), name: &str) {
        let calling = self.calling(name);
        let (named, given) = calling.fields();
        match calling {
            CallStyle::Function => {}
            CallStyle::Tool | CallStyle::Custom => {
                out.extend_from_slice(b"\"id\":\"");
                out.extend_from_slice(format!("call_{}{choice:02x}{call:02x}", self.identity.id).as_bytes());
                out.extend_from_slice(b"\",\"type\":\"");
                out.extend_from_slice(named.as_bytes());
                out.extend_from_slice(b"\",\"");
                out.extend_from_slice(named.as_bytes());
                out.extend_from_slice(b"\":{");
            }
        }
        out.extend_from_slice(b"\"name\":\"");
        write_escaped(out, name);
        out.extend_from_slice(b"\",\"");
        out.extend_from_slice(given.as_bytes());
        out.extend_from_slice(b"\":\"");
    }

    /// The provider's finish reason.
    pub(super) fn finish_reason(&self, finish: Finish) -> &'static [u8] {
        match finish {
            Finish::Stop | Finish::StopSequence(_) | Finish::Refused => b"stop",
            Finish::ToolCalls if self.calls == CallForm::Function => b"function_call",
            Finish::ToolCalls => b"tool_calls",
            Finish::Length => b"length",
        }
    }
}

/// Writes the log probabilities of tokens of one kind, given their `entries`.
pub(super) fn write_logprobs(out: &mut BytesMut, kind: &SegmentKind, entries: impl FnOnce(&mut BytesMut)) {
    let (before, after): (&[u8], &[u8]) = match kind {
        SegmentKind::Refusal => (b"{\"content\":null,\"refusal\":[", b"]}"),
        SegmentKind::Text | SegmentKind::Reasoning | SegmentKind::ToolCall { .. } => {
            (b"{\"content\":[", b"],\"refusal\":null}")
        }
    };
    out.extend_from_slice(before);
    entries(out);
    out.extend_from_slice(after);
}
