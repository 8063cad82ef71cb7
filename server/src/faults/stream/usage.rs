//! Usage that is wrong or missing.

use bytes::{Bytes, BytesMut};
use memchr::memmem;

use crate::faults::fault::UsageFault;

const FIELD: &[u8] = b"\"usage\":";

/// Returns the JSON text with each object `usage` changed; `None` if it has none.
pub(in crate::faults) fn change_usage(json: &[u8], fault: UsageFault) -> Option<Bytes> {
    let mut out = BytesMut::with_capacity(json.len() + 64);
    let (mut rest, mut has_changed) = (json, false);
    while let Some(at) = memmem::find(rest, FIELD) {
        let (before, field) = rest.split_at_checked(at)?;
        let (_, value) = field.split_at_checked(FIELD.len())?;
        let length = object_length(value);
        let Some((usage, after)) = length.and_then(|length| value.split_at_checked(length)) else {
            // `null`, or part of a text.
            out.extend_from_slice(before);
            out.extend_from_slice(FIELD);
            rest = value;
            continue;
        };
        has_changed = true;
        match fault {
            UsageFault::Wrong => {
                out.extend_from_slice(before);
                out.extend_from_slice(FIELD);
                write_wrong(usage, &mut out);
                rest = after;
            }
            UsageFault::Missing => match (before.strip_suffix(b","), after.strip_prefix(b",")) {
                (Some(before), _) => {
                    out.extend_from_slice(before);
                    rest = after;
                }
                (None, Some(after)) => {
                    out.extend_from_slice(before);
                    rest = after;
                }
                (None, None) => {
                    out.extend_from_slice(before);
                    rest = after;
                }
            },
        }
    }
    if !has_changed {
        return None;
    }
    out.extend_from_slice(rest);
    Some(out.freeze())
}

/// The length of the object at the beginning; its texts have no braces.
fn object_length(json: &[u8]) -> Option<usize> {
    if !json.starts_with(b"{") {
        return None;
    }
    let mut depth = 0_usize;
    for (at, byte) in json.iter().enumerate() {
        match byte {
            b'{' => depth += 1,
            b'}' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return Some(at + 1);
        }
    }
    None
}

/// Writes usage with 2N+1 for every number N.
fn write_wrong(usage: &[u8], out: &mut BytesMut) {
    let mut rest = usage;
    while let Some((&byte, after)) = rest.split_first() {
        if !byte.is_ascii_digit() {
            // Texts such as "service_tier" have no digits.
            out.extend_from_slice(&[byte]);
            rest = after;
            continue;
        }
        let length = rest.iter().position(|byte| !byte.is_ascii_digit()).unwrap_or(rest.len());
        let (digits, after) = rest.split_at_checked(length).unwrap_or((rest, b""));
        let number = digits.iter().fold(0_u64, |number, digit| {
            number.saturating_mul(10).saturating_add(u64::from(digit.wrapping_sub(b'0')))
        });
        let wrong = number.saturating_mul(2).saturating_add(1);
        out.extend_from_slice(itoa::Buffer::new().format(wrong).as_bytes());
        rest = after;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn changed(json: &str, fault: UsageFault) -> Option<String> {
        change_usage(json.as_bytes(), fault).map(|json| String::from_utf8(json.to_vec()).unwrap())
    }

    #[test]
    fn change_usage_missing_removes_the_member() {
        for (json, expected) in [
            (r#"{"a":1,"usage":{"x":2,"y":{"z":3}},"b":4}"#, r#"{"a":1,"b":4}"#),
            (r#"{"usage":{"x":2},"b":4}"#, r#"{"b":4}"#),
            (r#"{"usage":{"x":2}}"#, "{}"),
            (r#"{"a":1,"usage":{"x":2}}"#, r#"{"a":1}"#),
            (r#"{"message":{"usage":{"x":1}},"usage":{}}"#, r#"{"message":{}}"#),
        ] {
            assert_eq!(changed(json, UsageFault::Missing).as_deref(), Some(expected), "{json}");
        }
    }

    #[test]
    fn change_usage_wrong_changes_every_number() {
        let json = r#"{"n":1,"usage":{"prompt_tokens":10,"completion_tokens":0,"d":{"e":7}},"m":2}"#;
        let wrong = r#"{"n":1,"usage":{"prompt_tokens":21,"completion_tokens":1,"d":{"e":15}},"m":2}"#;
        assert_eq!(changed(json, UsageFault::Wrong).as_deref(), Some(wrong));
    }

    #[test]
    fn change_usage_without_usage_changes_nothing() {
        for json in ["", "{}", r#"{"usage":null}"#, r#"{"text":"\"usage\": {}"}"#, r#"{"usage":{"a":1"#] {
            assert_eq!(changed(json, UsageFault::Missing), None, "{json}");
        }
    }
}
