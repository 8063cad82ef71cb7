//! What every form of a chat answer has in common, and the plain form.

use bytes::{Bytes, BytesMut};
use weir_model::{Content, Finish};

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
        Finish::Stop => b"stop",
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
        out.extend_from_slice(
            b",\"choices\":[{\"index\":0,\"message\":{\"role\":\"assistant\",\"content\":\"",
        );
        for token in content.tokens() {
            write_escaped(&mut out, token);
        }
        out.extend_from_slice(b"\",\"refusal\":null},\"logprobs\":null,\"finish_reason\":\"");
        out.extend_from_slice(finish_reason(content.finish()));
        out.extend_from_slice(b"\"}],\"usage\":");
        self.write_usage(&mut out, content.token_count());
        out.extend_from_slice(b"}");
        out.freeze()
    }
}
