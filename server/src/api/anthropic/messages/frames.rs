//! The events of a streamed answer.

use bytes::BytesMut;
use weir_model::{Event, Segment, SegmentKind};

use super::answer::{Head, is_left_out};
use crate::{
    api::anthropic::request::Display,
    request::json::{write_escaped, write_number},
    token_stream::Encoder,
};

/// Writes events. The common parts of a block's deltas are prepared once, when the block begins.
#[derive(Debug)]
pub(super) struct MessageFrames {
    head: Head,
    /// From `event:` to the inside of the text of the block's deltas; empty if its tokens are not sent.
    before: BytesMut,
    /// The number of blocks that have begun.
    blocks: u64,
    state: MessageState,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum MessageState {
    /// Nothing has been written.
    New,
    Begun,
}

const DELTA: &[u8] = b"event: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"index\":";
const PING: &[u8] = b"event: ping\ndata: {\"type\": \"ping\"}\n\n";
const MESSAGE_STOP: &[u8] = b"event: message_stop\ndata: {\"type\":\"message_stop\"}\n\n";

impl MessageFrames {
    pub(super) fn new(head: Head) -> Self {
        Self { head, before: BytesMut::with_capacity(192), blocks: 0, state: MessageState::New }
    }

    fn begin_message(&mut self, out: &mut BytesMut) {
        if self.state == MessageState::Begun {
            return;
        }
        self.state = MessageState::Begun;
        out.extend_from_slice(b"event: message_start\ndata: {\"type\":\"message_start\",\"message\":{");
        self.head.write_identity(out);
        out.extend_from_slice(
            b",\"content\":[],\"stop_reason\":null,\"stop_sequence\":null,\"stop_details\":null,\"usage\":",
        );
        self.head.write_first_usage(out);
        out.extend_from_slice(b"}}\n\n");
    }

    fn begin_block(&mut self, out: &mut BytesMut, block: usize, segment: &Segment) {
        if is_left_out(segment) {
            return;
        }
        out.extend_from_slice(
            b"event: content_block_start\ndata: {\"type\":\"content_block_start\",\"index\":",
        );
        write_number(out, self.blocks);
        out.extend_from_slice(b",\"content_block\":{");
        let delta: &[u8] = match &segment.kind {
            SegmentKind::Text | SegmentKind::Refusal => {
                out.extend_from_slice(b"\"type\":\"text\",\"text\":\"\"");
                b"text_delta\",\"text\":\""
            }
            SegmentKind::Reasoning => {
                out.extend_from_slice(b"\"type\":\"thinking\",\"thinking\":\"\",\"signature\":\"\"");
                b"thinking_delta\",\"thinking\":\""
            }
            SegmentKind::ToolCall { name } => {
                self.head.write_call(out, block, name);
                out.extend_from_slice(b",\"input\":{}");
                b"input_json_delta\",\"partial_json\":\""
            }
        };
        out.extend_from_slice(b"}}\n\n");
        if self.blocks == 0 {
            out.extend_from_slice(PING);
        }
        self.before.clear();
        self.write_delta(segment, delta);
        if let SegmentKind::ToolCall { .. } = segment.kind {
            // The first delta of a tool's input is empty.
            self.text(out, "");
        }
        self.blocks += 1;
    }

    /// Prepares the common parts of a block's deltas.
    fn write_delta(&mut self, segment: &Segment, delta: &[u8]) {
        let is_told = segment.kind != SegmentKind::Reasoning || self.head.display == Display::Summarized;
        if is_told {
            self.before.extend_from_slice(DELTA);
            write_number(&mut self.before, self.blocks);
            self.before.extend_from_slice(b",\"delta\":{\"type\":\"");
            self.before.extend_from_slice(delta);
        }
    }

    fn text(&self, out: &mut BytesMut, text: &str) {
        if self.before.is_empty() {
            return;
        }
        out.reserve(self.before.len() + text.len() + 8);
        out.extend_from_slice(&self.before);
        write_escaped(out, text);
        out.extend_from_slice(b"\"}}\n\n");
    }

    fn end_block(&self, out: &mut BytesMut, segment: &Segment) {
        if is_left_out(segment) {
            return;
        }
        let block = self.blocks.saturating_sub(1);
        if segment.kind == SegmentKind::Reasoning {
            out.extend_from_slice(DELTA);
            write_number(out, block);
            out.extend_from_slice(b",\"delta\":{\"type\":\"signature_delta\",\"signature\":\"");
            self.head.write_signature(out);
            out.extend_from_slice(b"\"}}\n\n");
        }
        out.extend_from_slice(
            b"event: content_block_stop\ndata: {\"type\":\"content_block_stop\",\"index\":",
        );
        write_number(out, block);
        out.extend_from_slice(b"}\n\n");
    }

    fn end_message(&self, out: &mut BytesMut) {
        out.extend_from_slice(b"event: message_delta\ndata: {\"type\":\"message_delta\",\"delta\":{");
        self.head.write_stop(out);
        out.extend_from_slice(b"},\"usage\":");
        self.head.write_last_usage(out);
        out.extend_from_slice(b"}\n\n");
    }
}

impl Encoder for MessageFrames {
    fn event(&mut self, out: &mut BytesMut, choice: u32, event: Event<'_>) {
        // A request has one answer.
        if choice > 0 {
            return;
        }
        match event {
            Event::Begin(block, segment) => {
                self.begin_message(out);
                self.begin_block(out, block, segment);
            }
            // Without text, the tokens end within a character: the next ones have the whole character.
            Event::Tokens(run) if run.text().is_empty() => {}
            Event::Tokens(run) => self.text(out, run.text()),
            Event::End(_, segment) => self.end_block(out, segment),
            Event::Finish(_) => {
                self.begin_message(out);
                self.end_message(out);
            }
        }
    }

    fn close(&mut self, out: &mut BytesMut, _tokens: u32) {
        out.extend_from_slice(MESSAGE_STOP);
    }
}
