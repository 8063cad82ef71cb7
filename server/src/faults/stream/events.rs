//! The events in the bytes of a stream.

use bytes::{Bytes, BytesMut};
use memchr::memmem;

/// The end of an event, as this server writes it.
const END: &[u8] = b"\n\n";
/// An event without an end is passed on in parts of this size.
const UNENDED_MAX: usize = 64 << 20;

/// Splits the bytes of a stream into events.
#[derive(Debug, Default)]
pub(super) struct EventSplitter {
    /// The beginning of an event whose end has not arrived.
    begun: BytesMut,
}

impl EventSplitter {
    /// Passes each event that ends within `data`, with its end.
    pub(super) fn feed(&mut self, mut data: Bytes, mut pass: impl FnMut(Bytes)) {
        if !self.begun.is_empty() {
            self.begun.extend_from_slice(&data);
            data = self.begun.split().freeze();
        }
        while let Some(at) = memmem::find(&data, END) {
            pass(data.split_to(at + END.len()));
        }
        if data.len() > UNENDED_MAX {
            pass(data);
        } else if !data.is_empty() {
            self.begun.extend_from_slice(&data);
        }
    }

    /// Returns the bytes after the last event.
    pub(super) fn finish(&mut self) -> Option<Bytes> {
        let rest = self.begun.split().freeze();
        (!rest.is_empty()).then_some(rest)
    }
}

/// Returns the name of an event, if it has one.
pub(super) fn name(event: &[u8]) -> Option<&[u8]> {
    let rest = event.strip_prefix(b"event: ")?;
    rest.get(..memchr::memchr(b'\n', rest)?)
}

/// Whether an event has a part of the answer's content: text, reasoning or arguments of calls.
pub(super) fn has_content(event: &[u8]) -> bool {
    if let Some(name) = name(event) {
        // Anthropic's last event but one has no content.
        return name.ends_with(b"delta") && name != b"message_delta";
    }
    let follows = |field: &[u8], is_content: fn(&[u8]) -> bool| {
        let at = memmem::find(event, field);
        at.and_then(|at| event.get(at + field.len()..)).is_some_and(is_content)
    };
    follows(b"\"delta\":{\"", |rest| !rest.starts_with(b"role\""))
        || follows(b"\"text\":\"", |rest| !rest.starts_with(b"\""))
        || memmem::find(event, b"\"type\":\"token\"").is_some()
}

/// Returns where the data of an event begins and ends.
pub(super) fn data(event: &[u8]) -> Option<std::ops::Range<usize>> {
    const FIELD: &[u8] = b"data: ";
    let at = if event.starts_with(FIELD) { 0 } else { memmem::find(event, b"\ndata: ")? + 1 };
    let start = at + FIELD.len();
    let end = event.get(start..).and_then(|rest| memchr::memchr(b'\n', rest)).map(|length| start + length)?;
    Some(start..end)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn feed_does_not_depend_on_chunks() {
        let text = "data: 1\n\nevent: a\ndata: 2\n\ndata: 3\n\ndata: 4";
        for size in 1..text.len() {
            let (mut splitter, mut events) = (EventSplitter::default(), Vec::new());
            for chunk in text.as_bytes().chunks(size) {
                splitter.feed(Bytes::copy_from_slice(chunk), |event| events.push(event));
            }
            assert_eq!(events, ["data: 1\n\n", "event: a\ndata: 2\n\n", "data: 3\n\n"], "{size}");
            assert_eq!(splitter.finish().unwrap(), "data: 4");
        }
    }

    #[test]
    fn has_content_is_true_for_deltas() {
        for event in [
            r#"data: {"choices":[{"index":0,"delta":{"content":"a"},"finish_reason":null}]}"#,
            r#"data: {"choices":[{"index":0,"delta":{"reasoning_content":"a"},"finish_reason":null}]}"#,
            r#"data: {"choices":[{"index":0,"delta":{"tool_calls":[{"index":0}]},"finish_reason":null}]}"#,
            r#"data: {"choices":[{"text":"a","index":0}]}"#,
            "event: response.output_text.delta\ndata: {}",
            "event: content_block_delta\ndata: {}",
            r#"data: {"type":"token","step":"a","token":"b"}"#,
        ] {
            assert!(has_content(format!("{event}\n\n").as_bytes()), "{event}");
        }
        for event in [
            r#"data: {"choices":[{"index":0,"delta":{"role":"assistant","content":""},"finish_reason":null}]}"#,
            r#"data: {"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}"#,
            r#"data: {"choices":[{"text":"","index":0,"finish_reason":"stop"}]}"#,
            "event: response.completed\ndata: {}",
            "event: message_delta\ndata: {\"delta\":{\"stop_reason\":\"end_turn\"}}",
            "event: ping\ndata: {}",
            "data: [DONE]",
        ] {
            assert!(!has_content(format!("{event}\n\n").as_bytes()), "{event}");
        }
    }

    #[test]
    fn data_is_the_text_of_the_field() {
        for (event, text) in [("data: {}\n\n", "{}"), ("event: a\ndata: [1]\n\n", "[1]")] {
            assert_eq!(&event[data(event.as_bytes()).unwrap()], text);
        }
        assert_eq!(data(b": comment\n\n"), None);
    }
}
