use bytes::BytesMut;

/// The event that ends OpenAI's streams.
pub const DONE: &[u8] = b"data: [DONE]\n\n";

/// Writes an event of the default type: `data: `, the payload, a blank line.
///
/// A payload of one line, such as compact JSON, is copied unchanged. Otherwise each line is written as a `data:` line, and
/// a decoder reads all line ends (`\r`, `\r\n` or `\n`) as `\n`.
pub fn write_data(out: &mut BytesMut, data: &[u8]) {
    if memchr::memchr2(b'\n', b'\r', data).is_none() {
        out.reserve(data.len() + DATA.len() + 2);
        write_line(out, DATA, data);
    } else {
        write_lines(out, data);
    }
    out.extend_from_slice(b"\n");
}

/// Writes an event of the type `event`, as in Anthropic's streams and the Responses API.
///
/// A name is cut at its first line end, because the text after it would be read as another field.
pub fn write_event(out: &mut BytesMut, event: &str, data: &[u8]) {
    let name = event.split(['\n', '\r']).next().unwrap_or_default();
    write_line(out, b"event: ", name.as_bytes());
    write_data(out, data);
}

const DATA: &[u8] = b"data: ";

fn write_lines(out: &mut BytesMut, mut data: &[u8]) {
    while let Some(end) = memchr::memchr2(b'\n', b'\r', data) {
        let (line, rest) = data.split_at(end);
        write_line(out, DATA, line);
        data = match rest {
            [b'\r', b'\n', rest @ ..] | [_, rest @ ..] => rest,
            [] => rest,
        };
    }
    write_line(out, DATA, data);
}

fn write_line(out: &mut BytesMut, field: &[u8], value: &[u8]) {
    out.extend_from_slice(field);
    out.extend_from_slice(value);
    out.extend_from_slice(b"\n");
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(write: impl FnOnce(&mut BytesMut)) -> String {
        let mut out = BytesMut::new();
        write(&mut out);
        String::from_utf8(out.to_vec()).unwrap()
    }

    #[test]
    fn write_data_single_line_payload() {
        assert_eq!(written(|out| write_data(out, br#"{"a":1}"#)), "data: {\"a\":1}\n\n");
        assert_eq!(written(|out| write_data(out, b"")), "data: \n\n");
    }

    #[test]
    fn write_event_starts_with_name() {
        assert_eq!(written(|out| write_event(out, "ping", b"{}")), "event: ping\ndata: {}\n\n");
    }

    #[test]
    fn write_data_splits_payload_at_line_ends() {
        assert_eq!(
            written(|out| write_data(out, b"a\nb\r\nc\rd\n")),
            "data: a\ndata: b\ndata: c\ndata: d\ndata: \n\n"
        );
    }

    #[test]
    fn write_event_cuts_name_at_line_end() {
        assert_eq!(written(|out| write_event(out, "x\ndata: no", b"y")), "event: x\ndata: y\n\n");
    }
}
