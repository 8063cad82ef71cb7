//! JSON on the hot path, and where a fault in it lies.

use bytes::{BufMut as _, BytesMut};
use http::HeaderValue;
use serde::Deserialize;

use super::Problem;

pub(crate) const CONTENT_TYPE: HeaderValue = HeaderValue::from_static("application/json");

/// Writes `text` as the inside of a JSON string.
pub(crate) fn write_escaped(out: &mut BytesMut, text: &str) {
    let plain = |byte: u8| byte >= 0x20 && byte != b'"' && byte != b'\\';
    if text.bytes().all(plain) {
        out.extend_from_slice(text.as_bytes());
        return;
    }
    for character in text.chars() {
        match character {
            '"' => out.put_slice(b"\\\""),
            '\\' => out.put_slice(b"\\\\"),
            '\n' => out.put_slice(b"\\n"),
            '\r' => out.put_slice(b"\\r"),
            '\t' => out.put_slice(b"\\t"),
            control if control < ' ' => out.put_slice(format!("\\u{:04x}", u32::from(control)).as_bytes()),
            other => out.put_slice(other.encode_utf8(&mut [0; 4]).as_bytes()),
        }
    }
}

/// Writes a number in decimal.
pub(crate) fn write_number(out: &mut BytesMut, number: u64) {
    out.extend_from_slice(itoa::Buffer::new().format(number).as_bytes());
}

/// Reads a request. A fault is told with its place: the path to the value, line and column.
pub(crate) fn read<'a, T: Deserialize<'a>>(bytes: &'a [u8]) -> Result<T, Problem> {
    // Otherwise a list would be taken for the fields of an object, in their order.
    if bytes.trim_ascii_start().first() == Some(&b'[') {
        return Err(Problem::invalid(None, "the body is a list: a JSON object is needed".to_owned()));
    }
    serde_json::from_slice(bytes).map_err(|_| {
        // The place costs time to keep track of, so it is looked for only when there is a fault.
        let mut deserializer = serde_json::Deserializer::from_slice(bytes);
        match serde_path_to_error::deserialize::<_, T>(&mut deserializer) {
            Err(fault) => {
                let path = fault.path().to_string();
                let cause = fault.into_inner();
                if cause.is_data() && path != "." {
                    Problem::invalid(Some(path.clone()), format!("{path}: {cause}"))
                } else {
                    Problem::bad_json(&cause)
                }
            }
            Ok(_) => Problem::invalid(None, "the body goes on after the end of its JSON value".to_owned()),
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn escaped_text_is_read_back(text in "\\PC{0,20}[\"\\\\\n\r\t\u{0}-\u{1f}]{0,5}\\PC{0,20}") {
            let mut out = BytesMut::from(&b"\""[..]);
            write_escaped(&mut out, &text);
            out.put_u8(b'"');
            prop_assert_eq!(serde_json::from_slice::<String>(&out).unwrap(), text);
        }
    }
}
