//! The chunks of a streamed chat answer.

use bytes::{Bytes, BytesMut};
use weir_model::Finish;
use weir_wire::sse;

use super::{answer::Head, request::UsageChunk};
use crate::{api::json::write_escaped, delivery::Encoder};

/// Writes chunks. What all have in common is written once, when the stream begins.
#[derive(Debug)]
pub(super) struct ChatFrames {
    /// From `data: ` to the delta.
    before: Bytes,
    /// From the delta's text to the end of the event.
    after: Bytes,
    head: Head,
    usage: UsageChunk,
}

impl ChatFrames {
    pub(super) fn new(head: Head, usage: UsageChunk) -> Self {
        let mut before = BytesMut::with_capacity(192);
        before.extend_from_slice(b"data: {\"id\":\"");
        head.write_identity(&mut before, "chat.completion.chunk");
        before.extend_from_slice(b",\"choices\":[");
        let mut after = BytesMut::with_capacity(96);
        after.extend_from_slice(b"\"},\"logprobs\":null,\"finish_reason\":null}]");
        after.extend_from_slice(usage_of_chunk(usage));
        after.extend_from_slice(b"}\n\n");
        Self { before: before.freeze(), after: after.freeze(), head, usage }
    }
}

/// With usage asked for, every chunk but the last says that it is not there yet.
const fn usage_of_chunk(usage: UsageChunk) -> &'static [u8] {
    match usage {
        UsageChunk::Wanted => b",\"usage\":null",
        UsageChunk::NotWanted => b"",
    }
}

impl Encoder for ChatFrames {
    fn open(&mut self, out: &mut BytesMut) {
        out.extend_from_slice(&self.before);
        out.extend_from_slice(
            b"{\"index\":0,\"delta\":{\"role\":\"assistant\",\"content\":\"\",\"refusal\":null},\
              \"logprobs\":null,\"finish_reason\":null}]",
        );
        out.extend_from_slice(usage_of_chunk(self.usage));
        out.extend_from_slice(b"}\n\n");
    }

    fn token(&mut self, out: &mut BytesMut, token: &str) {
        out.reserve(self.before.len() + self.after.len() + token.len() + 32);
        out.extend_from_slice(&self.before);
        out.extend_from_slice(b"{\"index\":0,\"delta\":{\"content\":\"");
        write_escaped(out, token);
        out.extend_from_slice(&self.after);
    }

    fn close(&mut self, out: &mut BytesMut, finish: Finish, tokens: u32) {
        out.extend_from_slice(&self.before);
        out.extend_from_slice(b"{\"index\":0,\"delta\":{},\"logprobs\":null,\"finish_reason\":\"");
        out.extend_from_slice(super::answer::finish_reason(finish));
        out.extend_from_slice(b"\"}]");
        out.extend_from_slice(usage_of_chunk(self.usage));
        out.extend_from_slice(b"}\n\n");
        if self.usage == UsageChunk::Wanted {
            out.extend_from_slice(&self.before);
            out.extend_from_slice(b"],\"usage\":");
            self.head.write_usage(out, tokens);
            out.extend_from_slice(b"}\n\n");
        }
        out.extend_from_slice(sse::DONE);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(usage: UsageChunk) -> String {
        let head =
            Head { id: "abc".into(), created: 1_700_000_000, model: "my \"model\"".into(), prompt_tokens: 9 };
        let (mut frames, mut out) = (ChatFrames::new(head, usage), BytesMut::new());
        frames.open(&mut out);
        frames.token(&mut out, "Hi");
        frames.close(&mut out, Finish::Stop, 1);
        String::from_utf8(out.to_vec()).unwrap()
    }

    #[test]
    fn a_stream_is_written_as_the_provider_does() {
        insta::assert_snapshot!(written(UsageChunk::NotWanted), @r#"
        data: {"id":"chatcmpl-abc","object":"chat.completion.chunk","created":1700000000,"model":"my \"model\"","service_tier":"default","system_fingerprint":"fp_weir","choices":[{"index":0,"delta":{"role":"assistant","content":"","refusal":null},"logprobs":null,"finish_reason":null}]}

        data: {"id":"chatcmpl-abc","object":"chat.completion.chunk","created":1700000000,"model":"my \"model\"","service_tier":"default","system_fingerprint":"fp_weir","choices":[{"index":0,"delta":{"content":"Hi"},"logprobs":null,"finish_reason":null}]}

        data: {"id":"chatcmpl-abc","object":"chat.completion.chunk","created":1700000000,"model":"my \"model\"","service_tier":"default","system_fingerprint":"fp_weir","choices":[{"index":0,"delta":{},"logprobs":null,"finish_reason":"stop"}]}

        data: [DONE]
        "#);
    }

    #[test]
    fn usage_comes_last_when_it_was_asked_for() {
        insta::assert_snapshot!(written(UsageChunk::Wanted), @r#"
        data: {"id":"chatcmpl-abc","object":"chat.completion.chunk","created":1700000000,"model":"my \"model\"","service_tier":"default","system_fingerprint":"fp_weir","choices":[{"index":0,"delta":{"role":"assistant","content":"","refusal":null},"logprobs":null,"finish_reason":null}],"usage":null}

        data: {"id":"chatcmpl-abc","object":"chat.completion.chunk","created":1700000000,"model":"my \"model\"","service_tier":"default","system_fingerprint":"fp_weir","choices":[{"index":0,"delta":{"content":"Hi"},"logprobs":null,"finish_reason":null}],"usage":null}

        data: {"id":"chatcmpl-abc","object":"chat.completion.chunk","created":1700000000,"model":"my \"model\"","service_tier":"default","system_fingerprint":"fp_weir","choices":[{"index":0,"delta":{},"logprobs":null,"finish_reason":"stop"}],"usage":null}

        data: {"id":"chatcmpl-abc","object":"chat.completion.chunk","created":1700000000,"model":"my \"model\"","service_tier":"default","system_fingerprint":"fp_weir","choices":[],"usage":{"prompt_tokens":9,"completion_tokens":1,"total_tokens":10,"prompt_tokens_details":{"cached_tokens":0,"audio_tokens":0},"completion_tokens_details":{"reasoning_tokens":0,"audio_tokens":0,"accepted_prediction_tokens":0,"rejected_prediction_tokens":0}}}

        data: [DONE]
        "#);
    }
}
