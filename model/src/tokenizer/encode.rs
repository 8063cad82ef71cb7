//! Texts to tokens of the vocabulary `o200k_base` and back, as `tiktoken` does it (`encode_ordinary`).

use super::{
    merge::Merger,
    pieces::Pieces,
    vocabulary::{token_bytes, token_of},
};

/// The tokens of `text`. Text that looks like a special token is encoded as text.
#[must_use]
#[expect(clippy::expect_used, reason = "byte-pair encoding leaves only parts that the vocabulary has")]
pub fn encode(text: &str) -> Vec<u32> {
    let mut tokens = Vec::with_capacity(text.len() / 4);
    for_each_piece(text, |piece, ends| {
        let mut start = 0;
        for end in ends {
            let token = piece.get(start..*end).and_then(token_of);
            tokens.push(token.expect("every part of a merged piece is a token"));
            start = *end;
        }
    });
    tokens
}

/// The number of tokens of `text`.
pub(super) fn token_count(text: &str) -> usize {
    let mut count = 0;
    for_each_piece(text, |_, ends| count += ends.len());
    count
}

/// The length in bytes of each token of `text`.
pub(crate) fn token_lens(text: &str) -> Vec<usize> {
    let mut lens = Vec::with_capacity(text.len() / 4);
    for_each_piece(text, |_, ends| {
        let mut start = 0;
        for end in ends {
            lens.push(end - start);
            start = *end;
        }
    });
    lens
}

/// Calls `use_piece` with each piece of `text` and the ends of its tokens.
fn for_each_piece(text: &str, mut use_piece: impl FnMut(&[u8], &[usize])) {
    let mut merger = Merger::default();
    let mut ends = Vec::new();
    for piece in Pieces::new(text) {
        ends.clear();
        merger.token_ends(piece.as_bytes(), &mut ends);
        use_piece(piece.as_bytes(), &ends);
    }
}

/// The special tokens between messages in `o200k_harmony`, OpenAI's chat format.
const START: u32 = 200_006;
const END: u32 = 200_007;
const MESSAGE: u32 = 200_008;

/// The tokens of one message, by the role of its author.
#[must_use]
pub fn encode_message(role: &str, text: &str) -> Vec<u32> {
    let mut tokens = encode_message_header(role);
    tokens.extend(encode(text));
    tokens.push(END);
    tokens
}

/// The tokens that precede the text of a message.
#[must_use]
pub fn encode_message_header(role: &str) -> Vec<u32> {
    let mut tokens = vec![START];
    tokens.extend(encode(role));
    tokens.push(MESSAGE);
    tokens
}

const fn special_token(token: u32) -> Option<&'static str> {
    match token {
        START => Some("<|start|>"),
        END => Some("<|end|>"),
        MESSAGE => Some("<|message|>"),
        _ => None,
    }
}

/// The text of these tokens, with U+FFFD for bytes that are not UTF-8 and for tokens that the vocabulary does not have.
#[must_use]
pub fn decode(tokens: &[u32]) -> String {
    let mut bytes = Vec::new();
    for token in tokens {
        let special = || special_token(*token).unwrap_or("\u{fffd}").as_bytes();
        bytes.extend_from_slice(token_bytes(*token).unwrap_or_else(special));
    }
    String::from_utf8(bytes).unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned())
}

/// The text of these tokens; `None` if the vocabulary does not have one of them, or if their bytes are not UTF-8.
#[must_use]
pub fn decode_whole(tokens: &[u32]) -> Option<String> {
    let bytes: Option<Vec<&[u8]>> = tokens.iter().map(|token| token_bytes(*token)).collect();
    String::from_utf8(bytes?.concat()).ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn decode_unknown_token_yields_replacement_character() {
        assert_eq!(decode(&[13225, u32::MAX]), "Hello\u{fffd}");
        assert_eq!((decode_whole(&[13225, u32::MAX]), decode_whole(&[])), (None, Some(String::new())));
    }

    #[test]
    fn encode_yields_the_tokens_of_tiktoken() {
        let expected: [(&str, &[u32]); 9] = [
            ("Hello, world!", &[13225, 11, 2375, 0]),
            ("don't I'LL HTTPServer", &[91418, 3413, 7454, 21929, 6444]),
            ("  \n\n  x = 1234567;\r\n", &[11691, 220, 1215, 314, 220, 7633, 19354, 22, 610]),
            ("привет, мир", &[9501, 131_903, 11, 37934]),
            ("こんにちは世界", &[95839, 28428]),
            (
                "🏳\u{fe0f}\u{200d}🌈 naïve e\u{301}",
                &[52622, 111, 15148, 2524, 64364, 230, 153_475, 737, 319, 13430],
            ),
            ("<|endoftext|>", &[27, 91, 419, 1440, 919, 91, 29]),
            (
                &"a".repeat(74),
                &[117_525, 117_525, 117_525, 117_525, 117_525, 117_525, 117_525, 117_525, 117_525, 3545],
            ),
            ("的一是不了人我在有他这", &[64579, 3221, 33058, 1995, 7522, 2178, 3666, 11327, 8327]),
        ];
        for (text, tokens) in expected {
            assert_eq!(encode(text), tokens, "{text}");
        }
    }

    #[test]
    fn encode_message_yields_special_tokens_around_the_text() {
        let tokens = [encode_message("user", "Hello"), encode_message_header("assistant")].concat();
        assert_eq!(decode(&tokens), "<|start|>user<|message|>Hello<|end|><|start|>assistant<|message|>");
    }

    #[test]
    fn token_count_of_a_long_run_of_one_letter_ends() {
        assert_eq!(token_count(&"a".repeat(1 << 20)), (1 << 20) / 8);
    }

    proptest! {
        #[test]
        fn decode_of_encoded_text_returns_the_text(text in "\\PC{0,40}") {
            let tokens = encode(&text);
            prop_assert_eq!(token_count(&text), tokens.len());
            prop_assert_eq!(&decode(&tokens), &text);
            prop_assert_eq!(decode_whole(&tokens), Some(text));
        }
    }
}
