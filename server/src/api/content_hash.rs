//! The hash of a request without the members that only concern the delivery of its answer: the content of the answer
//! depends on it.

use twox_hash::XxHash3_64;

/// Members of requests that do not change the content of the answer, in any of the APIs.
const DELIVERY: [&[u8]; 10] = [
    b"stream",
    b"stream_options",
    b"user",
    b"metadata",
    b"store",
    b"background",
    b"service_tier",
    b"safety_identifier",
    b"prompt_cache_key",
    b"prompt_cache_retention",
];

/// Returns the hash of a body that is valid JSON. Members that concern the delivery, the order of members and space
/// around them do not change it.
pub(crate) fn content_hash(body: &[u8]) -> u64 {
    members(body).unwrap_or_else(|| XxHash3_64::oneshot(body))
}

/// The sum of the hashes of all members, if the body is an object.
fn members(body: &[u8]) -> Option<u64> {
    let mut sum = 0_u64;
    for_each_member(body, |name, value| {
        let is_content =
            name.get(1..name.len().saturating_sub(1)).is_none_or(|name| !DELIVERY.contains(&name));
        if is_content {
            let name = XxHash3_64::oneshot(name);
            sum = sum.wrapping_add(XxHash3_64::oneshot_with_seed(name, value));
        }
    })?;
    Some(sum)
}

/// Passes the name, in quotes, and the value of each member of an object; `None` if the body is not one.
pub(crate) fn for_each_member<'a>(body: &'a [u8], mut pass: impl FnMut(&'a [u8], &'a [u8])) -> Option<()> {
    let mut rest = body.trim_ascii_start().strip_prefix(b"{")?.trim_ascii_start();
    while !rest.starts_with(b"}") {
        let (name, after) = rest.split_at_checked(text_end(rest)?)?;
        let after_colon = after.trim_ascii_start().strip_prefix(b":")?.trim_ascii_start();
        let (value, after) = after_colon.split_at_checked(value_end(after_colon)?)?;
        pass(name, value.trim_ascii_end());
        rest = after.trim_ascii_start();
        rest = rest.strip_prefix(b",").unwrap_or(rest).trim_ascii_start();
    }
    Some(())
}

/// The position after the text at the beginning.
fn text_end(json: &[u8]) -> Option<usize> {
    json.strip_prefix(b"\"")?;
    let mut at = 1;
    loop {
        at += memchr::memchr2(b'"', b'\\', json.get(at..)?)?;
        match json.get(at)? {
            b'"' => return Some(at + 1),
            _ => at += 2,
        }
    }
}

/// The position after the value at the beginning: of the comma or brace that follows it.
fn value_end(json: &[u8]) -> Option<usize> {
    let (mut depth, mut at) = (0_usize, 0);
    loop {
        match json.get(at)? {
            b'"' => {
                at += text_end(json.get(at..)?)?;
                continue;
            }
            b'{' | b'[' => depth += 1,
            b'}' | b']' if depth > 0 => depth -= 1,
            b',' | b'}' if depth == 0 => return Some(at),
            _ => {}
        }
        at += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn content_hash_ignores_delivery_order_and_space() {
        let plain =
            content_hash(br#"{"model":"m","messages":[{"role":"user","content":"a, \"b\" }"}],"n":1}"#);
        for body in [
            r#"{"model":"m","messages":[{"role":"user","content":"a, \"b\" }"}],"n":1,"stream":true}"#,
            r#"{"model":"m","stream":false,"messages":[{"role":"user","content":"a, \"b\" }"}],"n":1}"#,
            r#" { "n" : 1 , "stream_options" : {"include_usage": true}, "model" : "m", "user": "x",
                "messages":[{"role":"user","content":"a, \"b\" }"}], "metadata": {"a": "}"} } "#,
        ] {
            assert_eq!(content_hash(body.as_bytes()), plain, "{body}");
        }
    }

    #[test]
    fn content_hash_differs_with_what_is_content() {
        let bodies: [&[u8]; 7] = [
            br#"{"model":"m","n":1}"#,
            br#"{"model":"m","n":2}"#,
            br#"{"model":"n","m":1}"#,
            br#"{"model":"m","n":1,"messages":[{"stream":true}]}"#,
            br#"{"model":"m","n":1,"messages":[{"stream":false}]}"#,
            br"{}",
            br"[]",
        ];
        let mut hashes: Vec<u64> = bodies.into_iter().map(content_hash).collect();
        hashes.sort_unstable();
        hashes.dedup();
        assert_eq!(hashes.len(), bodies.len());
    }

    #[test]
    fn content_hash_accepts_any_bytes() {
        for body in [
            "",
            "{",
            "{\"a",
            "{\"a\"",
            "{\"a\":",
            "{\"a\":[",
            "{\"a\":\"\\",
            "{\"\":1",
            "{\"a\":1}x",
            "{a}",
            "{\"a\":1,",
        ] {
            assert_eq!(content_hash(body.as_bytes()), content_hash(body.as_bytes()));
        }
    }
}
