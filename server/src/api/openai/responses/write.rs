//! Writes JSON of requests to answers.

use bytes::{BufMut as _, BytesMut};

use crate::request::json::write_string;

/// Writes a JSON string, or null.
pub(super) fn write_nullable(out: &mut BytesMut, text: Option<&str>) {
    match text {
        Some(text) => write_string(out, text),
        None => out.extend_from_slice(b"null"),
    }
}

/// Writes JSON in one line, as events require.
pub(super) fn write_compact(out: &mut BytesMut, json: &str) {
    let (mut is_inside, mut is_escaped) = (false, false);
    out.reserve(json.len());
    for byte in json.bytes() {
        match (is_inside, byte) {
            (false, b' ' | b'\n' | b'\r' | b'\t') => continue,
            (false, b'"') => is_inside = true,
            (true, b'"') if !is_escaped => is_inside = false,
            _ => {}
        }
        is_escaped = is_inside && byte == b'\\' && !is_escaped;
        out.put_u8(byte);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn write_json_is_one_line() {
        let mut out = BytesMut::new();
        write_compact(&mut out, "{ \"a b\" :\n [ 1,\t\" \\\" \\\\\" , \"\\\\\" ] }\r\n");
        assert_eq!(&*out, br#"{"a b":[1," \" \\","\\"]}"#);
    }
}
