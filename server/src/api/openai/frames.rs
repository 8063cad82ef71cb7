//! The chunks of a streamed chat answer.

use bytes::{Bytes, BytesMut};
use weir_model::{Event, Finish, Kind};
use weir_wire::sse;

use super::{answer::Head, request::UsageChunk};
use crate::{
    api::json::{write_escaped, write_number},
    delivery::Encoder,
};

/// Writes chunks. What all have in common is written once, when the stream begins.
#[derive(Debug)]
pub(super) struct ChatFrames {
    /// From `data: ` to the choice.
    before: Bytes,
    /// From the end of a text in a delta to the end of the event.
    after: Bytes,
    head: Head,
    usage: UsageChunk,
    choices: Vec<Progress>,
}

/// How far a choice has come.
#[derive(Clone, Copy, Debug, Default)]
struct Progress {
    /// Tools that it has called.
    calls: u32,
    within: Within,
}

/// What the tokens of a choice belong to.
#[derive(Clone, Copy, Debug, Default)]
enum Within {
    #[default]
    Text,
    Reasoning,
    Refusal,
    Arguments,
}

const NOT_OVER: &[u8] = b"},\"logprobs\":null,\"finish_reason\":null}]";

impl ChatFrames {
    pub(super) fn new(head: Head, usage: UsageChunk) -> Self {
        let mut before = BytesMut::with_capacity(192);
        before.extend_from_slice(b"data: {\"id\":\"");
        head.write_identity(&mut before, "chat.completion.chunk");
        before.extend_from_slice(b",\"choices\":[");
        let mut after = BytesMut::with_capacity(96);
        after.extend_from_slice(b"\"");
        after.extend_from_slice(NOT_OVER);
        after.extend_from_slice(usage_of_chunk(usage));
        after.extend_from_slice(b"}\n\n");
        Self { before: before.freeze(), after: after.freeze(), head, usage, choices: Vec::new() }
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
        out.extend_from_slice(usage_of_chunk(self.usage));
        out.extend_from_slice(b"}\n\n");
    }

    fn begin(&mut self, out: &mut BytesMut, choice: u32, place: usize, kind: &Kind) {
        let index = choice as usize;
        if self.choices.len() <= index {
            self.choices.resize(index + 1, Progress::default());
        }
        let Some(progress) = self.choices.get_mut(index) else { return };
        let call = progress.calls;
        progress.within = match kind {
            Kind::Text => Within::Text,
            Kind::Reasoning => Within::Reasoning,
            Kind::Refusal => Within::Refusal,
            Kind::ToolCall { .. } => {
                progress.calls += 1;
                Within::Arguments
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
                self.head.write_call(out, choice, call, name);
            }
        }
        out.extend_from_slice(NOT_OVER);
        self.write_end(out);
    }

    fn token(&self, out: &mut BytesMut, choice: u32, token: &str) {
        // It ends inside of a character: the next has the whole.
        if token.is_empty() {
            return;
        }
        let progress = self.choices.get(choice as usize).copied().unwrap_or_default();
        out.reserve(self.before.len() + self.after.len() + token.len() + 64);
        self.write_start(out, choice);
        match progress.within {
            Within::Text => out.extend_from_slice(b"\"content\":\""),
            Within::Reasoning => out.extend_from_slice(b"\"reasoning_content\":\""),
            Within::Refusal => out.extend_from_slice(b"\"refusal\":\""),
            Within::Arguments => {
                out.extend_from_slice(b"\"tool_calls\":[{\"index\":");
                write_number(out, progress.calls.saturating_sub(1).into());
                out.extend_from_slice(b",\"function\":{\"arguments\":\"");
                write_escaped(out, token);
                out.extend_from_slice(b"\"}}]");
                out.extend_from_slice(NOT_OVER);
                return self.write_end(out);
            }
        }
        write_escaped(out, token);
        out.extend_from_slice(&self.after);
    }

    fn finish(&self, out: &mut BytesMut, choice: u32, finish: Finish) {
        self.write_start(out, choice);
        out.extend_from_slice(b"},\"logprobs\":null,\"finish_reason\":\"");
        out.extend_from_slice(super::answer::finish_reason(finish));
        out.extend_from_slice(b"\"}]");
        self.write_end(out);
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
    fn event(&mut self, out: &mut BytesMut, choice: u32, event: Event<'_>) {
        match event {
            Event::Begin(place, segment) => self.begin(out, choice, place, &segment.kind),
            Event::Token(token) => self.token(out, choice, token),
            Event::End(..) => {}
            Event::Finish(finish) => self.finish(out, choice, finish),
        }
    }

    fn close(&mut self, out: &mut BytesMut, tokens: u32) {
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
    use weir_model::{Choice, Content, Segment, Text};

    use super::*;

    fn written(usage: UsageChunk) -> String {
        let head =
            Head { id: "abc".into(), created: 1_700_000_000, model: "my \"model\"".into(), prompt_tokens: 9 };
        let text = Segment { kind: Kind::Text, text: Text::given("Hi", 1) };
        told(ChatFrames::new(head, usage), vec![Choice { segments: vec![text], finish: Finish::Stop }])
    }

    fn told(mut frames: ChatFrames, choices: Vec<Choice>) -> String {
        let (content, mut out) = (Content::new(choices), BytesMut::new());
        let mut telling = content.tell();
        for _ in 0..content.step_count() {
            telling.step(|choice, event| frames.event(&mut out, choice, event));
        }
        frames.close(&mut out, content.token_count());
        String::from_utf8(out.to_vec()).unwrap()
    }

    /// The choices of each chunk.
    fn choices(choices: Vec<Choice>) -> String {
        let head = Head { id: "abc".into(), created: 1, model: "m".into(), prompt_tokens: 9 };
        let told = told(ChatFrames::new(head, UsageChunk::NotWanted), choices);
        let chunks = told.split("\n\n").filter_map(|event| event.split_once("\"choices\":"));
        chunks.map(|(_, choices)| choices.trim_end_matches('}')).collect::<Vec<_>>().join("\n")
    }

    fn segment(kind: Kind, text: &str) -> Segment {
        Segment { kind, text: Text::given(text, u32::MAX) }
    }

    #[test]
    fn choices_are_told_side_by_side() {
        let of = |text, finish| Choice { segments: vec![segment(Kind::Text, text)], finish };
        insta::assert_snapshot!(choices(vec![of("One", Finish::Stop), of("One two", Finish::Length)]), @r#"
        [{"index":0,"delta":{"role":"assistant","content":"","refusal":null},"logprobs":null,"finish_reason":null}]
        [{"index":0,"delta":{"content":"One"},"logprobs":null,"finish_reason":null}]
        [{"index":0,"delta":{},"logprobs":null,"finish_reason":"stop"}]
        [{"index":1,"delta":{"role":"assistant","content":"","refusal":null},"logprobs":null,"finish_reason":null}]
        [{"index":1,"delta":{"content":"One"},"logprobs":null,"finish_reason":null}]
        [{"index":1,"delta":{"content":" two"},"logprobs":null,"finish_reason":null}]
        [{"index":1,"delta":{},"logprobs":null,"finish_reason":"length"}]
        "#);
    }

    #[test]
    fn calls_and_thoughts_have_deltas_of_their_own() {
        let call = |name: &str| Kind::ToolCall { name: name.into() };
        let segments =
            vec![segment(Kind::Reasoning, "Hm"), segment(call("find"), "{}"), segment(call("read"), "[]")];
        insta::assert_snapshot!(choices(vec![Choice { segments, finish: Finish::ToolCalls }]), @r#"
        [{"index":0,"delta":{"role":"assistant","content":"","refusal":null},"logprobs":null,"finish_reason":null}]
        [{"index":0,"delta":{"reasoning_content":"Hm"},"logprobs":null,"finish_reason":null}]
        [{"index":0,"delta":{"tool_calls":[{"index":0,"id":"call_abc0000","type":"function","function":{"name":"find","arguments":""}}]},"logprobs":null,"finish_reason":null}]
        [{"index":0,"delta":{"tool_calls":[{"index":0,"function":{"arguments":"{}"}}]},"logprobs":null,"finish_reason":null}]
        [{"index":0,"delta":{"tool_calls":[{"index":1,"id":"call_abc0001","type":"function","function":{"name":"read","arguments":""}}]},"logprobs":null,"finish_reason":null}]
        [{"index":0,"delta":{"tool_calls":[{"index":1,"function":{"arguments":"[]"}}]},"logprobs":null,"finish_reason":null}]
        [{"index":0,"delta":{},"logprobs":null,"finish_reason":"tool_calls"}]
        "#);
        let first = vec![segment(call("find"), "{}")];
        insta::assert_snapshot!(choices(vec![Choice { segments: first, finish: Finish::ToolCalls }]), @r#"
        [{"index":0,"delta":{"role":"assistant","content":null,"tool_calls":[{"index":0,"id":"call_abc0000","type":"function","function":{"name":"find","arguments":""}}]},"logprobs":null,"finish_reason":null}]
        [{"index":0,"delta":{"tool_calls":[{"index":0,"function":{"arguments":"{}"}}]},"logprobs":null,"finish_reason":null}]
        [{"index":0,"delta":{},"logprobs":null,"finish_reason":"tool_calls"}]
        "#);
        let refusal = vec![segment(Kind::Refusal, "No")];
        insta::assert_snapshot!(choices(vec![Choice { segments: refusal, finish: Finish::Refused }]), @r#"
        [{"index":0,"delta":{"role":"assistant","content":"","refusal":null},"logprobs":null,"finish_reason":null}]
        [{"index":0,"delta":{"refusal":"No"},"logprobs":null,"finish_reason":null}]
        [{"index":0,"delta":{},"logprobs":null,"finish_reason":"stop"}]
        "#);
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
