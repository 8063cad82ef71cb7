use std::ops::Range;

use super::event::Event;
use super::field::Field;

/// The largest event that [`Decoder::new`] accepts, in bytes on the wire: twice the 64 MiB that the largest
/// events seen in the field have (answers with images or audio in them).
pub const DEFAULT_LIMIT_BYTES: usize = 128 << 20;

/// The buffer that is kept between events. Beyond it, memory that one huge event took is given back.
const KEPT_BYTES: usize = 256 << 10;

const BYTE_ORDER_MARK: &[u8] = b"\xEF\xBB\xBF";

/// An incremental reader of server-sent events: bytes go in as they come, split anywhere; events come out.
///
/// ```
/// use weir_wire::sse::{Decoder, Finish};
///
/// let mut decoder = Decoder::new();
/// decoder.feed(b"data: {\"a\":1}\n\ndata: {\"a\"");
/// assert_eq!(decoder.next_event().unwrap()?.data, b"{\"a\":1}");
/// assert!(decoder.next_event().is_none());
/// assert_eq!(decoder.finish(), Finish::Truncated { pending_bytes: 10 });
/// # Ok::<(), weir_wire::sse::DecodeError>(())
/// ```
///
/// An event of one `data:` line, the usual case, is handed out as a slice of the buffer; nothing is allocated
/// for an event. Memory is bounded by the limit, twice over for an event of many lines.
#[derive(Debug)]
pub struct Decoder {
    limit_bytes: usize,
    state: State,
    buffer: Vec<u8>,
    /// Where the event being gathered begins; everything before it is done with.
    event_start: usize,
    /// Where the next line begins.
    line_start: usize,
    /// No line end lies between `line_start` and here, so that a long line is searched only once.
    searched: usize,
    data: Data,
    /// The data lines of an event that has several.
    joined: Vec<u8>,
    event: String,
    has_event: bool,
    id: String,
}

#[derive(Debug, PartialEq, Eq)]
enum State {
    /// Nothing read yet: a byte-order mark may come.
    Start,
    Reading,
    /// The last byte read was a `\r`; a `\n` that comes next belongs to it.
    AfterReturn,
    /// An event was too large. What follows cannot be told apart any more.
    Spent {
        pending_bytes: usize,
    },
}

/// The data of the event being gathered.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Data {
    None,
    /// One line, still in the buffer.
    Line(Range<usize>),
    /// Several, in `joined`.
    Joined,
}

/// Why a stream cannot be decoded any further. Everything else that is odd in a stream is ignored, as the
/// specification demands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DecodeError {
    /// An event grew beyond the decoder's limit. The decoder is spent: it gives out no further event.
    #[error("an event of the stream is larger than {limit_bytes} bytes")]
    TooLarge {
        /// The limit, in bytes on the wire.
        limit_bytes: usize,
    },
}

/// How a stream ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Finish {
    /// After a complete event, or without any.
    Clean,
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
    /// A decoder for events up to [`DEFAULT_LIMIT_BYTES`].
    #[must_use]
    pub fn new() -> Self {
        Self::with_limit(DEFAULT_LIMIT_BYTES)
    }

    /// A decoder for events up to `limit_bytes` on the wire, field names and line ends included.
    #[must_use]
    pub fn with_limit(limit_bytes: usize) -> Self {
        Self {
            limit_bytes,
            state: State::Start,
            buffer: Vec::new(),
            event_start: 0,
            line_start: 0,
            searched: 0,
            data: Data::None,
            joined: Vec::new(),
            event: String::new(),
            has_event: false,
            id: String::new(),
        }
    }

    /// Takes in what was read. Call [`next_event`](Self::next_event) until it has no more before the next.
    pub fn feed(&mut self, bytes: &[u8]) {
        if matches!(self.state, State::Spent { .. }) {
            return;
        }
        self.compact();
        self.buffer.extend_from_slice(bytes);
    }

    /// The next complete event, or `None` until more is fed.
    ///
    /// # Errors
    ///
    /// Once, when an event is larger than the limit; after that there is nothing more.
    pub fn next_event(&mut self) -> Option<Result<Event<'_>, DecodeError>> {
        let (data, has_event) = loop {
            let line = self.next_line();
            let gathered =
                if line.is_some() { self.line_start } else { self.buffer.len() } - self.event_start;
            if gathered > self.limit_bytes {
                self.reset(State::Spent { pending_bytes: gathered });
                return Some(Err(DecodeError::TooLarge { limit_bytes: self.limit_bytes }));
            }
            if let Some(event) = self.take_line(line?) {
                break event;
            }
        };
        let data = match data {
            Data::Line(range) => self.buffer.get(range).unwrap_or_default(),
            Data::Joined => &self.joined,
            Data::None => &[],
        };
        Some(Ok(Event {
            event: has_event.then_some(self.event.as_str()),
            data,
            id: Some(self.id.as_str()).filter(|id| !id.is_empty()),
        }))
    }

    /// Says how the stream ended, and leaves the decoder as new, for the next stream.
    /// Call it when [`next_event`](Self::next_event) has no more: events still waiting count as pending.
    pub fn finish(&mut self) -> Finish {
        let pending_bytes = match self.state {
            State::Spent { pending_bytes } => pending_bytes,
            State::Start | State::Reading | State::AfterReturn => self.buffer.len() - self.event_start,
        };
        self.reset(State::Start);
        self.id.clear();
        if pending_bytes == 0 { Finish::Clean } else { Finish::Truncated { pending_bytes } }
    }

    /// The bounds of the next complete line, without its end; moves past it.
    fn next_line(&mut self) -> Option<Range<usize>> {
        match self.state {
            State::Reading => {}
            State::Start => self.skip_byte_order_mark()?,
            State::AfterReturn => self.skip_line_feed()?,
            State::Spent { .. } => return None,
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
                self.state = State::AfterReturn;
                end + 1
            }
            _ => end + 1,
        };
        self.line_start = next;
        self.searched = next;
        Some(start..end)
    }

    /// Gathers one line; on the blank line after data, what there is to hand out.
    fn take_line(&mut self, line: Range<usize>) -> Option<(Data, bool)> {
        let end = line.end;
        match Field::parse(self.buffer.get(line)?) {
            Field::Data(value) => {
                let range = end - value.len()..end;
                self.data = match std::mem::replace(&mut self.data, Data::None) {
                    Data::None => Data::Line(range),
                    Data::Line(first) => {
                        self.joined.clear();
                        self.joined.extend_from_slice(self.buffer.get(first)?);
                        self.joined.push(b'\n');
                        self.joined.extend_from_slice(value);
                        Data::Joined
                    }
                    Data::Joined => {
                        self.joined.push(b'\n');
                        self.joined.extend_from_slice(value);
                        Data::Joined
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
                let data = std::mem::replace(&mut self.data, Data::None);
                let has_event = std::mem::take(&mut self.has_event);
                return (data != Data::None).then_some((data, has_event));
            }
            Field::Ignored => {
                if self.data == Data::None && !self.has_event {
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
        self.state = State::Reading;
        Some(())
    }

    fn skip_line_feed(&mut self) -> Option<()> {
        if *self.buffer.get(self.line_start)? == b'\n' {
            self.skip(1);
        }
        self.state = State::Reading;
        Some(())
    }

    /// Passes over bytes at the beginning of a line that are no part of it.
    fn skip(&mut self, bytes: usize) {
        if self.event_start == self.line_start {
            self.event_start += bytes;
        }
        self.line_start += bytes;
        self.searched = self.line_start;
    }

    /// Gives up what was handed out, when that is at least half of the buffer: so a byte is moved once at most
    /// on average, whatever the sizes of events and reads.
    fn compact(&mut self) {
        let kept = self.buffer.len() - self.event_start;
        if kept > self.event_start {
            return;
        }
        self.buffer.drain(..self.event_start);
        if let Data::Line(range) = &mut self.data {
            *range = range.start - self.event_start..range.end - self.event_start;
        }
        self.line_start -= self.event_start;
        self.searched -= self.event_start;
        self.event_start = 0;
        if self.buffer.capacity() > KEPT_BYTES && kept < KEPT_BYTES {
            self.buffer.shrink_to(KEPT_BYTES);
        }
        if self.joined.capacity() > KEPT_BYTES && self.data != Data::Joined {
            self.joined = Vec::new();
        }
    }

    fn reset(&mut self, state: State) {
        self.buffer.clear();
        self.buffer.shrink_to(KEPT_BYTES);
        self.joined.clear();
        self.joined.shrink_to(KEPT_BYTES);
        self.data = Data::None;
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
    fn an_event_of_64_mib_is_decoded_and_its_memory_given_back() {
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
        assert!(kept_bytes <= 2 * KEPT_BYTES, "{kept_bytes} bytes are kept");
    }

    #[test]
    fn small_events_for_ever_need_a_small_buffer() {
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
