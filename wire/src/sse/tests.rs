use bytes::BytesMut;
use proptest::collection::vec;
use proptest::prelude::*;

use super::*;

/// An owned event.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Owned {
    event: Option<String>,
    data: Vec<u8>,
    id: Option<String>,
}

impl From<Event<'_>> for Owned {
    fn from(event: Event<'_>) -> Self {
        Self {
            event: event.event.map(str::to_owned),
            data: event.data.to_vec(),
            id: event.id.map(str::to_owned),
        }
    }
}

fn data(text: &str) -> Owned {
    Owned { event: None, data: text.as_bytes().to_vec(), id: None }
}

fn named(event: &str, text: &str) -> Owned {
    Owned { event: Some(event.to_owned()), ..data(text) }
}

fn drain(decoder: &mut Decoder, events: &mut Vec<Owned>) {
    while let Some(event) = decoder.next_event() {
        events.push(event.unwrap().into());
    }
}

fn decode_pieces<'a>(pieces: impl IntoIterator<Item = &'a [u8]>) -> (Vec<Owned>, StreamEnd) {
    let mut decoder = Decoder::new();
    let mut events = Vec::new();
    for piece in pieces {
        decoder.feed(piece);
        drain(&mut decoder, &mut events);
    }
    (events, decoder.finish())
}

/// Decodes `stream` whole, byte by byte, and split once at every position; all results must be equal.
fn decode(stream: &[u8]) -> (Vec<Owned>, StreamEnd) {
    let whole = decode_pieces([stream]);
    assert_eq!(decode_pieces(stream.chunks(1)), whole, "byte by byte");
    for at in 0..=stream.len() {
        let (left, right) = stream.split_at(at);
        assert_eq!(decode_pieces([left, right]), whole, "split at {at}");
    }
    whole
}

fn events(stream: &str) -> Vec<Owned> {
    let (events, finish) = decode(stream.as_bytes());
    assert_eq!(finish, StreamEnd::Complete);
    events
}

#[test]
fn decode_accepts_mixed_line_ends() {
    assert_eq!(events("data: a\n\ndata: b\r\rdata: c\r\n\r\n"), [data("a"), data("b"), data("c")]);
    assert_eq!(events("data: a\r\n\ndata: b\n\r\ndata: c\r\r\n"), [data("a"), data("b"), data("c")]);
}

#[test]
fn decode_bare_carriage_return_completes_event() {
    let mut decoder = Decoder::new();
    decoder.feed(b"data: a\r\r");
    assert_eq!(decoder.next_event().unwrap().unwrap().data, b"a");
    assert_eq!(decoder.finish(), StreamEnd::Complete);
}

#[test]
fn decode_accepts_missing_space_after_colon() {
    assert_eq!(events("data:a\n\ndata: a\n\ndata:  a\n\n"), [data("a"), data("a"), data(" a")]);
}

#[test]
fn decode_joins_data_lines() {
    assert_eq!(events("data: a\ndata\ndata: c\n\n"), [data("a\n\nc")]);
    assert_eq!(events("data:\n\n"), [data("")]);
    assert_eq!(events("data\ndata\n\n"), [data("\n")]);
}

#[test]
fn decode_ignores_comments_and_unknown_fields() {
    assert_eq!(
        events(": hello\n\n:\n:\nretry: 5\nfoo: bar\ndata: a\n: in between\nfoo\n\n: ping\n\n"),
        [data("a")]
    );
}

#[test]
fn decode_type_without_data_yields_no_event() {
    assert_eq!(events("event: ping\n\ndata: a\n\n"), [data("a")]);
}

#[test]
fn decode_type_applies_to_one_event() {
    assert_eq!(
        events("event: a\nevent: b\ndata: 1\n\ndata: 2\n\nevent\ndata: 3\n\n"),
        [named("b", "1"), data("2"), data("3")]
    );
}

#[test]
fn decode_id_persists_until_next_id() {
    let ids: Vec<_> = events("id: 1\ndata: a\n\ndata: b\n\nid: x\0y\ndata: c\n\nid\ndata: d\n\n")
        .into_iter()
        .map(|event| event.id)
        .collect();
    assert_eq!(ids, [Some("1".to_owned()), Some("1".to_owned()), Some("1".to_owned()), None]);
}

#[test]
fn decode_skips_byte_order_mark_at_start_only() {
    assert_eq!(events("\u{feff}data: a\n\n"), [data("a")]);
    assert_eq!(events("\u{feff}\u{feff}data: a\n\ndata: b\n\n"), [data("b")]);
    assert_eq!(events("data: a\n\n\u{feff}data: b\n\n"), [data("a")]);
}

#[test]
fn decode_unicode_separators_do_not_end_lines() {
    assert_eq!(events("data: a\u{2028}b\u{2029}c\u{85}d 🦀\n\n"), [data("a\u{2028}b\u{2029}c\u{85}d 🦀")]);
}

#[test]
fn decode_keeps_invalid_utf8_in_data_only() {
    let (events, _) = decode(b"event: a\xFF\nid: \xC3\ndata: \xFF\xFE\n\n");
    assert_eq!(
        events,
        [Owned {
            event: Some("a\u{fffd}".to_owned()),
            data: b"\xFF\xFE".to_vec(),
            id: Some("\u{fffd}".to_owned())
        }]
    );
}

#[test]
fn finish_without_blank_line_is_truncated() {
    for stream in ["data: a\n", "data: a", "event: a\r\n", "d", "data: a\r"] {
        let (events, finish) = decode(format!("data: before\n\n{stream}").as_bytes());
        assert_eq!(events, [data("before")]);
        assert_eq!(finish, StreamEnd::Truncated { pending_bytes: stream.len() }, "{stream:?}");
    }
    assert_eq!(decode(b"\xEF\xBB"), (vec![], StreamEnd::Truncated { pending_bytes: 2 }));
    assert_eq!(decode(b""), (vec![], StreamEnd::Complete));
    assert_eq!(decode(b": only a comment\n"), (vec![], StreamEnd::Complete));
}

#[test]
fn decode_continues_after_done() {
    let mut stream = BytesMut::new();
    write_data(&mut stream, b"{}");
    stream.extend_from_slice(DONE);
    write_data(&mut stream, b"late");
    let (events, finish) = decode(&stream);
    assert_eq!((events, finish), (vec![data("{}"), data("[DONE]"), data("late")], StreamEnd::Complete));
}

#[test]
fn is_done_recognizes_done() {
    let mut decoder = Decoder::new();
    decoder.feed(DONE);
    assert!(decoder.next_event().unwrap().unwrap().is_done());
    for (data, is_done) in [("[DONE] ", true), ("\t[DONE]", true), ("[DONE]x", false), ("\"[DONE]\"", false)]
    {
        decoder.feed(format!("data: {data}\n\n").as_bytes());
        assert_eq!(decoder.next_event().unwrap().unwrap().is_done(), is_done, "{data}");
    }
}

#[test]
fn decode_yields_all_events_of_one_read() {
    let stream = "data: x\n\n".repeat(10_000);
    let (events, finish) = decode_pieces([stream.as_bytes()]);
    assert_eq!((events.len(), finish), (10_000, StreamEnd::Complete));
}

#[test]
fn decode_event_above_limit_fails_once() {
    // `data: ` and two line ends add 8 bytes to the payload.
    let fits = "data: 12345678\n\n";
    let large = "data: 123456789\n\n";
    let mut decoder = Decoder::with_limit(fits.len());
    decoder.feed(fits.as_bytes());
    assert_eq!(decoder.next_event().unwrap().unwrap().data, b"12345678");

    for feed_size in [1, large.len()] {
        let mut outcomes = Vec::new();
        for piece in large.as_bytes().chunks(feed_size) {
            decoder.feed(piece);
            outcomes.extend(decoder.next_event().map(|event| event.map(|event| event.data.len())));
        }
        assert_eq!(outcomes, [Err(DecodeError::TooLarge { limit_bytes: 16 })], "in pieces of {feed_size}");
        decoder.feed(fits.as_bytes());
        assert!(decoder.next_event().is_none(), "a spent decoder has nothing more");
        assert_eq!(decoder.finish(), StreamEnd::Truncated { pending_bytes: 17 });
    }
    insta::assert_snapshot!(
        DecodeError::TooLarge { limit_bytes: 16 },
        @"an event of the stream is larger than 16 bytes"
    );
}

#[test]
fn decode_limit_includes_all_lines_of_event() {
    for line in ["data:x\n", ": x\n", "foo:x\n", "id:x\n"] {
        let mut decoder = Decoder::with_limit(1000);
        let stream = format!("data: x\n{}", line.repeat(1000));
        decoder.feed(stream.as_bytes());
        assert!(matches!(decoder.next_event(), Some(Err(_))), "{line:?}");
    }
    let mut decoder = Decoder::with_limit(1000);
    for _ in 0..1000 {
        decoder.feed(b": keep-alive\n\n");
        assert!(decoder.next_event().is_none(), "comments between events are no event");
    }
    assert_eq!(decoder.finish(), StreamEnd::Complete);
}

#[test]
fn finish_resets_decoder() {
    let mut decoder = Decoder::new();
    decoder.feed(b"id: 1\ndata: a\n\nevent: x\ndata: b");
    assert!(decoder.next_event().is_some_and(|event| event.is_ok()));
    assert!(decoder.next_event().is_none());
    assert!(matches!(decoder.finish(), StreamEnd::Truncated { .. }));
    decoder.feed("\u{feff}data: c\n\n".as_bytes());
    assert_eq!(Owned::from(decoder.next_event().unwrap().unwrap()), data("c"));
}

/// A part of a generated stream.
#[derive(Clone, Debug)]
enum Piece {
    Event { event: Option<String>, id: Option<String>, lines: Vec<String>, spaced: bool },
    Noise(&'static str),
}

fn line_of_text() -> impl Strategy<Value = String> {
    // Anything but line ends and a leading space, which the decoder removes.
    "[^\r\n ][^\r\n]{0,20}|".prop_map(|text| text)
}

fn piece() -> impl Strategy<Value = Piece> {
    let noise = ["", ":", ": ping", "retry: 1", "foo", "event: lonely\n", "Data: x"];
    prop_oneof![
        4 => (
            proptest::option::of("[a-z_.]{1,12}"),
            proptest::option::of("[a-z0-9]{1,5}"),
            vec(line_of_text(), 1..4),
            any::<bool>(),
        )
            .prop_map(|(event, id, lines, spaced)| Piece::Event { event, id, lines, spaced }),
        1 => proptest::sample::select(noise.to_vec()).prop_map(Piece::Noise),
    ]
}

/// Writes the parts with line ends taken in turn from `ends`, and returns the expected events.
fn stream_of(pieces: &[Piece], ends: &[&str]) -> (Vec<u8>, Vec<Owned>) {
    let mut ends = ends.iter().cycle();
    let mut stream = String::new();
    let mut line = |text: &str| {
        stream.push_str(text);
        stream.push_str(ends.next().unwrap());
    };
    let mut expected = Vec::new();
    let mut last_id = None;
    for piece in pieces {
        match piece {
            Piece::Noise(text) => text.split('\n').for_each(&mut line),
            Piece::Event { event, id, lines, spaced } => {
                let colon = if *spaced { ": " } else { ":" };
                if let Some(event) = event {
                    line(&format!("event{colon}{event}"));
                }
                lines.iter().for_each(|text| line(&format!("data{colon}{text}")));
                if let Some(id) = id {
                    line(&format!("id{colon}{id}"));
                    last_id = Some(id.clone());
                }
                line("");
                let data = lines.join("\n").into_bytes();
                expected.push(Owned { event: event.clone(), data, id: last_id.clone() });
            }
        }
    }
    (stream.into_bytes(), expected)
}

/// Splits `stream` into chunks of the given sizes, in turn.
fn cut<'a>(mut stream: &'a [u8], sizes: &[usize]) -> Vec<&'a [u8]> {
    let mut pieces = Vec::new();
    let mut sizes = sizes.iter().cycle();
    while !stream.is_empty() {
        let (piece, rest) = stream.split_at((*sizes.next().unwrap()).min(stream.len()));
        pieces.push(piece);
        stream = rest;
    }
    pieces
}

proptest! {
    #[test]
    fn decode_is_independent_of_chunking(
        pieces in vec(piece(), 0..12),
        ends in vec(proptest::sample::select(vec!["\n", "\r", "\r\n"]), 1..6),
        sizes in vec(1_usize..40, 1..8),
    ) {
        // A `\r` that ends one line and a `\n` that ends the blank line after it would be read as one line end.
        let mixed = ends.contains(&"\r") && ends.contains(&"\n");
        let ends = if mixed { vec!["\r\n", "\r"] } else { ends };
        let (stream, expected) = stream_of(&pieces, &ends);
        let (events, _) = decode_pieces(cut(&stream, &sizes));
        prop_assert_eq!(events, expected);
    }

    #[test]
    fn decode_reads_encoded_events(
        written in vec((proptest::option::of("[a-z_.]{1,12}"), vec(any::<u8>(), 0..60)), 0..8),
        sizes in vec(1_usize..40, 1..8),
    ) {
        let mut stream = BytesMut::new();
        for (event, payload) in &written {
            match event {
                Some(event) => write_event(&mut stream, event, payload),
                None => write_data(&mut stream, payload),
            }
        }
        let (events, finish) = decode_pieces(cut(&stream, &sizes));
        let expected: Vec<_> = written
            .into_iter()
            .map(|(event, payload)| Owned { event, data: with_line_feeds(&payload), id: None })
            .collect();
        prop_assert_eq!(events, expected);
        prop_assert_eq!(finish, StreamEnd::Complete);
    }

    #[test]
    fn decode_arbitrary_bytes_never_panics(
        stream in vec(prop_oneof![any::<u8>(), proptest::sample::select(b"\r\n: data".to_vec())], 0..200),
        limit in 1_usize..100,
        sizes in vec(1_usize..40, 1..8),
    ) {
        let mut decoder = Decoder::with_limit(limit);
        for piece in cut(&stream, &sizes) {
            decoder.feed(piece);
            while let Some(event) = decoder.next_event() {
                if let Ok(event) = event {
                    prop_assert!(event.data.len() <= limit);
                }
            }
        }
        decoder.finish();
    }
}

/// Replaces every line end by a line feed, as a decoder does.
fn with_line_feeds(payload: &[u8]) -> Vec<u8> {
    let mut read = Vec::new();
    let mut bytes = payload.iter().peekable();
    while let Some(byte) = bytes.next() {
        match byte {
            b'\r' => {
                bytes.next_if_eq(&&b'\n');
                read.push(b'\n');
            }
            _ => read.push(*byte),
        }
    }
    read
}
