//! The parts of a request's body that make the prompt.

use super::content_hash::for_each_member;

/// The members of requests that make the prompt, in its order, in any of the APIs.
const PROMPT: [&[u8]; 7] = [
    b"\"tools\"",
    b"\"response_format\"",
    b"\"instructions\"",
    b"\"system\"",
    b"\"messages\"",
    b"\"prompt\"",
    b"\"input\"",
];

/// Returns the values of the members of `body` that make the prompt, in JSON and in the prompt's order.
pub(super) fn prompt_parts(body: &[u8]) -> [&[u8]; PROMPT.len()] {
    let mut parts = [&[][..]; PROMPT.len()];
    for_each_member(body, |name, value| {
        if let Some((_, part)) = PROMPT.iter().zip(&mut parts).find(|(known, _)| **known == name) {
            *part = value;
        }
    });
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prompt_parts_have_the_order_of_the_prompt() {
        let body = br#"{"messages": [{"role": "user"}], "model": "m", "tools": [], "system": "Be brief."}"#;
        let parts = prompt_parts(body).concat();
        assert_eq!(std::str::from_utf8(&parts), Ok(r#"[]"Be brief."[{"role": "user"}]"#));
    }
}
