use std::ops::Range;

use super::event::Event;
use super::field::Field;

/// The largest event that [`Decoder::new`] accepts, in bytes on the wire: twice the 64 MiB of the largest events in
/// practice (responses that contain images or audio).
pub const DEFAULT_LIMIT_BYTES: usize = 128 << 20;

/// The largest buffer that is kept between events. Memory beyond it is released.
const RETAINED_BYTES_MAX: usize = 256 << 10;

const BYTE_ORDER_MARK: &[u8] = b"\xEF\xBB\xBF";

/// An incremental decoder of server-sent events, which accepts bytes split at any position.
///
/// ```
/// use weir_wire::sse::{Decoder, StreamEnd};
///
/// let mut decoder = Decoder::new();
/// decoder.feed(b"data: {\"a\":1}\n\ndata: {\"a\"");
/// assert_eq!(decoder.next_event().unwrap()?.data, b"{\"a\":1}");
/// assert!(decoder.next_event().is_none());
/// assert_eq!(decoder.finish(), StreamEnd::Truncated { pending_bytes: 10 });
/// # Ok::<(), weir_wire::sse::DecodeError>(())
/// ```
///
/// An event of one `data:` line, the usual case, is returned as a slice of the buffer; nothing is allocated per event.
/// Memory is bounded by the limit, or twice the limit for an event of several lines.
#[derive(Debug)]
pub struct Decoder {
    limit_bytes: usize,
    state: DecoderState,
    buffer: Vec<u8>,
    /// The start of the incomplete event; everything before it has been returned.
    event_start: usize,
    /// The start of the next line.
    line_start: usize,
    /// The end of the searched range: it contains no line end from `line_start`, so a long line is searched only once.
    searched: usize,
    data: EventData,
    /// The joined data lines of an event with several.
    joined: Vec<u8>,
    event: String,
    has_event: bool,
    id: String,
}

#[derive(Debug, PartialEq, Eq)]
enum DecoderState {
    /// Nothing read yet: a byte-order mark may follow.
    Start,
    Reading,
    /// The last byte read was a `\r`; a `\n` that follows belongs to it.
    AfterCarriageReturn,
    /// An event was too large, so the rest of the stream cannot be decoded.
    Failed {
        pending_bytes: usize,
    },
}

/// The data of the incomplete event.
#[derive(Clone, Debug, PartialEq, Eq)]
enum EventData {
    None,
    /// One line, still in the buffer.
    Line(Range<usize>),
    /// Several, in `joined`.
    Joined,
}

/// Why a stream cannot be decoded further. Any other invalid input is ignored, as specified.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DecodeError {
    /// An event exceeds the limit of the decoder, which returns no further event.
    #[error("an event of the stream is larger than {limit_bytes} bytes")]
    TooLarge {
        /// The limit, in bytes on the wire.
        limit_bytes: usize,
    },
}

/// How a stream ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StreamEnd {
    /// After a complete event, or without any.
    Complete,
    /// In the middle of an event, or before the blank line that completes it.
    Truncated {
        /// The bytes of that event.
        pending_bytes: usize,
    },
}

impl Default for Decoder {
    fn default() -> Self {
        Self::new()
    }
}

impl Decoder {
    /// Creates a decoder for events of at most [`DEFAULT_LIMIT_BYTES`].
    #[must_use]
    pub fn new() -> Self {
        Self::with_limit(DEFAULT_LIMIT_BYTES)
    }

    /// Creates a decoder for events of at most `limit_bytes` on the wire, including field names and line ends.
    #[must_use]
    pub fn with_limit(limit_bytes: usize) -> Self {
        Self {
            limit_bytes,
            state: DecoderState::Start,
            buffer: Vec::new(),
            event_start: 0,
            line_start: 0,
            searched: 0,
            data: EventData::None,
            joined: Vec::new(),
            event: String::new(),
            has_event: false,
            id: String::new(),
        }
    }

    /// Appends bytes. Call [`next_event`](Self::next_event) until it returns `None` before the next call.
    pub fn feed(&mut self, bytes: &[u8]) {
        if matches!(self.state, DecoderState::Failed { .. }) {
            return;
        }
        self.compact();
        self.buffer.extend_from_slice(bytes);
    }

    /// Returns the next complete event, or `None` until more bytes are fed.
    ///
    /// # Errors
    ///
    /// Fails once if an event is larger than the limit; returns `None` after that.
    #[expect(
        clippy::indexing_slicing,
        reason = "the range of a data line lies in the buffer until the next call of `feed`"
    )]
    pub fn next_event(&mut self) -> Option<Result<Event<'_>, DecodeError>> {
        let (data, has_event) = loop {
            let line = self.next_line();
            let event_bytes =
                if line.is_some() { self.line_start } else { self.buffer.len() } - self.event_start;
            if event_bytes > self.limit_bytes {
                self.reset(DecoderState::Failed { pending_bytes: event_bytes });
                return Some(Err(DecodeError::TooLarge { limit_bytes: self.limit_bytes }));
            }
            if let Some(event) = self.take_line(line?) {
                break event;
            }
        };
        let data = match data {
            EventData::Line(range) => &self.buffer[range],
            EventData::Joined => &self.joined,
            EventData::None => &[],
        };
        Some(Ok(Event {
            event: has_event.then_some(self.event.as_str()),
            data,
            id: Some(self.id.as_str()).filter(|id| !id.is_empty()),
        }))
    }

    /// The bytes of the incomplete event, as they arrived. Call it once [`next_event`](Self::next_event) has returned `None`.
    #[must_use]
    pub fn pending(&self) -> &[u8] {
        self.buffer.get(self.event_start..).unwrap_or_default()
    }

    /// Returns how the stream ended, and resets the decoder for the next stream.
    /// Call it once [`next_event`](Self::next_event) has returned `None`: unread events count as pending.
    pub fn finish(&mut self) -> StreamEnd {
        let pending_bytes = match self.state {
            DecoderState::Failed { pending_bytes } => pending_bytes,
            DecoderState::Start | DecoderState::Reading | DecoderState::AfterCarriageReturn => {
                self.buffer.len() - self.event_start
            }
        };
        self.reset(DecoderState::Start);
        self.id.clear();
        if pending_bytes == 0 { StreamEnd::Complete } else { StreamEnd::Truncated { pending_bytes } }
    }

    /// Returns the range of the next complete line, without its end, and advances past it.
    fn next_line(&mut self) -> Option<Range<usize>> {
        match self.state {
            DecoderState::Reading => {}
            DecoderState::Start => self.skip_byte_order_mark()?,
            DecoderState::AfterCarriageReturn => self.skip_line_feed()?,
            DecoderState::Failed { .. } => return None,
        }
        let from = self.searched;
        let Some(found) = memchr::memchr2(b'\n', b'\r', self.buffer.get(from..)?) else {
            self.searched = self.buffer.len();
            return None;
        };
        let start = self.line_start;
        let end = from + found;
        let next = match (self.buffer.get(end), self.buffer.get(end + 1)) {
            (Some(b'\r'), Some(b'\n')) => end + 2,
            (Some(b'\r'), None) => {
                self.state = DecoderState::AfterCarriageReturn;
                end + 1
            }
            _ => end + 1,
        };
        self.line_start = next;
        self.searched = next;
        Some(start..end)
    }

    /// Processes one line; returns the data of the event on the blank line that completes it.
    #[expect(
        clippy::indexing_slicing,
        reason = "ranges of lines lie in the buffer, which only `feed` and `reset` shorten"
    )]
    fn take_line(&mut self, line: Range<usize>) -> Option<(EventData, bool)> {
        let end = line.end;
        match Field::parse(&self.buffer[line]) {
            Field::Data(value) => {
                let range = end - value.len()..end;
                self.data = match std::mem::replace(&mut self.data, EventData::None) {
                    EventData::None => EventData::Line(range),
                    EventData::Line(first) => {
                        self.joined.clear();
                        self.joined.extend_from_slice(&self.buffer[first]);
                        self.joined.push(b'\n');
                        self.joined.extend_from_slice(value);
                        EventData::Joined
                    }
                    EventData::Joined => {
                        self.joined.push(b'\n');
                        self.joined.extend_from_slice(value);
                        EventData::Joined
                    }
                };
            }
            Field::Event(value) => {
                self.event.clear();
                self.event.push_str(&String::from_utf8_lossy(value));
                self.has_event = !value.is_empty();
            }
            Field::Id(value) => {
                self.id.clear();
                self.id.push_str(&String::from_utf8_lossy(value));
            }
            Field::Dispatch => {
                self.event_start = self.line_start;
                let data = std::mem::replace(&mut self.data, EventData::None);
                let has_event = std::mem::take(&mut self.has_event);
                return (data != EventData::None).then_some((data, has_event));
            }
            Field::Ignored => {
                if self.data == EventData::None && !self.has_event {
                    self.event_start = self.line_start;
                }
            }
        }
        None
    }

    fn skip_byte_order_mark(&mut self) -> Option<()> {
        if self.buffer.starts_with(BYTE_ORDER_MARK) {
            self.skip(BYTE_ORDER_MARK.len());
        } else if BYTE_ORDER_MARK.starts_with(&self.buffer) {
            return None;
        }
        self.state = DecoderState::Reading;
        Some(())
    }

    fn skip_line_feed(&mut self) -> Option<()> {
        if *self.buffer.get(self.line_start)? == b'\n' {
            self.skip(1);
        }
        self.state = DecoderState::Reading;
        Some(())
    }

    /// Skips bytes at the start of a line that do not belong to it.
    fn skip(&mut self, bytes: usize) {
        if self.event_start == self.line_start {
            self.event_start += bytes;
        }
        self.line_start += bytes;
        self.searched = self.line_start;
    }

    /// Discards the returned events once they fill at least half of the buffer, so that each byte is moved at most once on
    /// average.
    fn compact(&mut self) {
        let kept = self.buffer.len() - self.event_start;
        if kept > self.event_start {
            return;
        }
        self.buffer.drain(..self.event_start);
        if let EventData::Line(range) = &mut self.data {
            *range = range.start - self.event_start..range.end - self.event_start;
        }
        self.line_start -= self.event_start;
        self.searched -= self.event_start;
        self.event_start = 0;
        if self.buffer.capacity() > RETAINED_BYTES_MAX && kept < RETAINED_BYTES_MAX {
            self.buffer.shrink_to(RETAINED_BYTES_MAX);
        }
        if self.joined.capacity() > RETAINED_BYTES_MAX && self.data != EventData::Joined {
            self.joined = Vec::new();
        }
    }

    fn reset(&mut self, state: DecoderState) {
        self.buffer.clear();
        self.buffer.shrink_to(RETAINED_BYTES_MAX);
        self.joined.clear();
        self.joined.shrink_to(RETAINED_BYTES_MAX);
        self.data = EventData::None;
        self.has_event = false;
        self.event_start = 0;
        self.line_start = 0;
        self.searched = 0;
        self.state = state;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decode_64_mib_event_releases_memory() {
        let half = vec![b'x'; 32 << 20];
        let mut decoder = Decoder::new();
        for line in 0..2 {
            decoder.feed(b"data: ");
            for piece in half.chunks(256 << 10) {
                decoder.feed(piece);
                assert!(decoder.next_event().is_none(), "line {line} is not complete");
            }
            decoder.feed(b"\n");
        }
        decoder.feed(b"\ndata: small\n\n");
        assert_eq!(decoder.next_event().unwrap().unwrap().data.len(), (64 << 20) + 1);
        assert_eq!(decoder.next_event().unwrap().unwrap().data, b"small");
        decoder.feed(b"data");
        let kept_bytes = decoder.buffer.capacity() + decoder.joined.capacity();
        assert!(kept_bytes <= 2 * RETAINED_BYTES_MAX, "{kept_bytes} bytes are kept");
    }

    #[test]
    fn decode_small_events_keeps_small_buffer() {
        let mut decoder = Decoder::new();
        for _ in 0..10_000 {
            decoder.feed(b"data: 0123456789\n\ndata: 01234");
            assert_eq!(decoder.next_event().unwrap().unwrap().data, b"0123456789");
            assert!(decoder.next_event().is_none());
            decoder.feed(b"56789\n\n");
            assert_eq!(decoder.next_event().unwrap().unwrap().data, b"0123456789");
        }
        assert!(decoder.buffer.capacity() <= 256, "{} bytes are kept", decoder.buffer.capacity());
    }
}
