//! What every form of a chat answer has in common.

use bytes::BytesMut;
use weir_model::{Finish, SegmentKind};

use super::request::CallForm;
use crate::{
    api::openai::{
        identity::{FINGERPRINT, Identity, write_usage_start},
        logprobs::Logprobs,
    },
    request::json::{write_escaped, write_number},
};

/// What a chat answer is, apart from its words.
#[derive(Debug)]
pub(super) struct Head {
    pub(super) identity: Identity,
    pub(super) service_tier: &'static str,
    pub(super) tokens: Tokens,
    pub(super) calls: CallForm,
    /// Where log probabilities are wanted.
    pub(super) logprobs: Option<Logprobs>,
}

/// What usage tells besides the tokens that are said.
#[derive(Clone, Copy, Debug)]
pub(super) struct Tokens {
    pub(super) prompt: u32,
    /// Of these, tokens of sound.
    pub(super) audio: u32,
    /// Of those that are said.
    pub(super) reasoning: u32,
}

/// How one call is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Calling {
    #[default]
    Tool,
    Custom,
    Function,
}

impl Calling {
    /// The field that has the call's name, and the one that has what the tool is given.
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
        out.extend_from_slice(b",\"prompt_tokens_details\":{\"cached_tokens\":0,\"audio_tokens\":");
        write_number(out, self.tokens.audio.into());
        out.extend_from_slice(b"},\"completion_tokens_details\":{\"reasoning_tokens\":");
        write_number(out, self.tokens.reasoning.into());
        out.extend_from_slice(
            b",\"audio_tokens\":0,\"accepted_prediction_tokens\":0,\"rejected_prediction_tokens\":0}}",
        );
    }

    /// Writes the usage of an answer that goes on.
    pub(super) fn write_usage_so_far(&self, out: &mut BytesMut, completion_tokens: u32) {
        write_usage_start(out, self.tokens.prompt, completion_tokens);
        out.extend_from_slice(b"}");
    }

    /// How the call of the tool `name` is written.
    pub(super) fn calling(&self, name: &str) -> Calling {
        match &self.calls {
            CallForm::Function => Calling::Function,
            CallForm::Tools { custom } if custom.iter().any(|custom| **custom == *name) => Calling::Custom,
            CallForm::Tools { .. } => Calling::Tool,
        }
    }

    /// Writes a call from its id to the inside of what the tool is given.
    pub(super) fn write_call(&self, out: &mut BytesMut, (choice, call): (u32, u32), name: &str) {
        let calling = self.calling(name);
        let (named, given) = calling.fields();
        match calling {
            Calling::Function => {}
            Calling::Tool | Calling::Custom => {
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

    /// Why an answer ended, in the provider's words.
    pub(super) fn finish_reason(&self, finish: Finish) -> &'static [u8] {
        match finish {
            Finish::Stop | Finish::StopSequence(_) | Finish::Refused => b"stop",
            Finish::ToolCalls if self.calls == CallForm::Function => b"function_call",
            Finish::ToolCalls => b"tool_calls",
            Finish::Length => b"length",
        }
    }
}

/// Writes the log probabilities of tokens of one kind, where `entries` are those.
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
