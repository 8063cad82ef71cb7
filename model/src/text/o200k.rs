//! Where the tokens of a text end.

/// The tokens of `text` in the vocabulary `o200k_base`.
#[must_use]
pub fn encode(text: &str) -> Vec<u32> {
    bpe_openai::o200k_base().encode(text)
}

/// The marks between messages, as `o200k_harmony` numbers and writes them: OpenAI's chat format.
const START: u32 = 200_006;
const END: u32 = 200_007;
const MESSAGE: u32 = 200_008;

/// The tokens of one message, by the role of who says it.
#[must_use]
pub fn encode_message(role: &str, text: &str) -> Vec<u32> {
    let mut tokens = encode_speaker(role);
    tokens.extend(encode(text));
    tokens.push(END);
    tokens
}

/// The tokens that come before what somebody says.
#[must_use]
pub fn encode_speaker(role: &str) -> Vec<u32> {
    let mut tokens = vec![START];
    tokens.extend(encode(role));
    tokens.push(MESSAGE);
    tokens
}

const fn mark(token: u32) -> Option<&'static str> {
    match token {
        START => Some("<|start|>"),
        END => Some("<|end|>"),
        MESSAGE => Some("<|message|>"),
        _ => None,
    }
}

/// The text of these tokens; what is no character in it stands as U+FFFD, and so does a token that the vocabulary does not
/// have.
#[must_use]
pub fn decode(tokens: &[u32]) -> String {
    let vocabulary = &bpe_openai::o200k_base().bpe;
    let mut bytes = Vec::new();
    for token in tokens {
        if (*token as usize) < vocabulary.num_tokens() {
            bytes.extend_from_slice(vocabulary.token_bytes(*token));
        } else {
            bytes.extend_from_slice(mark(*token).unwrap_or("\u{fffd}").as_bytes());
        }
    }
    String::from_utf8(bytes).unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned())
}

/// The text of these tokens; `None` where one is none of the vocabulary's, or where they end inside of a character.
#[must_use]
pub fn decode_whole(tokens: &[u32]) -> Option<String> {
    let vocabulary = bpe_openai::o200k_base();
    let known = vocabulary.bpe.num_tokens();
    tokens.iter().all(|token| (*token as usize) < known).then(|| vocabulary.decode(tokens)).flatten()
}

/// Where each of the first `limit` tokens of `text` ends in the vocabulary `o200k_base`, in bytes, and where the last
/// does. A token that ends inside of a character ends before it here; the one that completes it has it whole.
pub(crate) fn ends(text: &str, limit: u32) -> (Vec<u32>, usize) {
    let vocabulary = bpe_openai::o200k_base();
    let mut ends = Vec::new();
    let (mut at, mut whole) = (0_usize, 0_usize);
    for token in vocabulary.encode(text).into_iter().take(limit as usize) {
        at += vocabulary.bpe.token_len(token);
        if text.is_char_boundary(at) {
            whole = at;
        }
        ends.push(u32::try_from(whole).unwrap_or(u32::MAX));
    }
    // What a cut leaves of a character is not said.
    let said = ends.partition_point(|end| (*end as usize) < whole) + 1;
    ends.truncate(if whole == 0 { 0 } else { said });
    (ends, whole)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_is_no_token_is_told() {
        assert_eq!(decode(&[13225, u32::MAX]), "Hello\u{fffd}");
        assert_eq!((decode_whole(&[13225, u32::MAX]), decode_whole(&[])), (None, Some(String::new())));
    }

    #[test]
    fn messages_stand_between_marks() {
        let tokens = [encode_message("user", "Hello"), encode_speaker("assistant")].concat();
        assert_eq!(decode(&tokens), "<|start|>user<|message|>Hello<|end|><|start|>assistant<|message|>");
    }

    proptest! {
        #[test]
        fn a_text_is_read_back_from_its_tokens(text in "\\PC{0,40}") {
            let tokens = encode(&text);
            prop_assert_eq!(&decode(&tokens), &text);
            prop_assert_eq!(decode_whole(&tokens), Some(text));
        }
    }
}
