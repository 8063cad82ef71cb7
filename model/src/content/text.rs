//! The text of a segment, token by token.

use std::{fmt, ops::Range, sync::Arc};

use weir_pace::Seed;

use crate::{text::TextTokens, tokenizer::token_lens};

/// The text of a segment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Text {
    /// Words derived from a seed.
    Natural {
        /// The seed of the words.
        seed: Seed,
        /// The number of words, which are one token each.
        tokens: u32,
    },
    /// A given text.
    Tokenized(Arc<TokenizedText>),
}

/// A text and the ends of its tokens.
#[derive(Debug, PartialEq, Eq)]
pub struct TokenizedText {
    text: Box<str>,
    /// The end of each token, in bytes; a token that ends within a character ends before it here.
    ends: Box<[u32]>,
}

impl Text {
    /// A text of `tokens` words derived from `seed`.
    #[must_use]
    pub const fn natural(seed: Seed, tokens: u32) -> Self {
        Self::Natural { seed, tokens }
    }

    /// The first `limit` tokens of `text`, in the vocabulary `o200k_base`.
    #[must_use]
    pub fn tokenized(text: &str, limit: u32) -> Self {
        let (ends, last) = token_ends(text, limit);
        Self::Tokenized(Arc::new(TokenizedText {
            text: text.get(..last).unwrap_or(text).into(),
            ends: ends.into(),
        }))
    }

    /// Whether this is the whole `text`, uncut.
    pub(crate) fn is_whole(&self, text: &str) -> bool {
        match self {
            Self::Natural { .. } => true,
            Self::Tokenized(given) => given.text.len() == text.len(),
        }
    }

    /// The size of the stored text, in bytes.
    pub(super) fn bytes(&self) -> usize {
        match self {
            Self::Natural { .. } => 0,
            Self::Tokenized(given) => given.text.len() + size_of_val(&*given.ends),
        }
    }

    /// The number of its tokens.
    #[must_use]
    pub fn token_count(&self) -> u32 {
        match self {
            Self::Natural { tokens, .. } => *tokens,
            Self::Tokenized(given) => given.ends.len() as u32,
        }
    }

    /// Its tokens, in order.
    #[must_use]
    pub fn tokens(&self) -> Tokens {
        match self {
            Self::Natural { seed, tokens } => Tokens::Natural(TextTokens::new(*seed, *tokens)),
            Self::Tokenized(given) => Tokens::Tokenized { given: Arc::clone(given), next: 0 },
        }
    }
}

impl fmt::Display for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Natural { seed, tokens } => {
                TextTokens::new(*seed, *tokens).try_for_each(|token| f.write_str(token))
            }
            Self::Tokenized(given) => f.write_str(&given.text),
        }
    }
}

/// The remaining tokens of a text.
#[derive(Clone, Debug)]
pub enum Tokens {
    /// Words derived from a seed.
    Natural(TextTokens),
    /// Tokens of a given text.
    Tokenized {
        /// The text.
        given: Arc<TokenizedText>,
        /// The index of the next token.
        next: usize,
    },
}

impl Tokens {
    /// The number of remaining tokens.
    #[must_use]
    pub fn left(&self) -> usize {
        match self {
            Self::Natural(words) => words.len(),
            Self::Tokenized { given, next } => given.ends.len() - next,
        }
    }

    /// The next token. It is empty if it ends within a character, which comes with the token that completes it.
    pub fn next_token(&mut self) -> Option<&str> {
        match self {
            Self::Natural(words) => words.next(),
            Self::Tokenized { given, next } => {
                let end = *given.ends.get(*next)? as usize;
                let start = next
                    .checked_sub(1)
                    .and_then(|before| given.ends.get(before))
                    .map_or(0, |end| *end as usize);
                *next += 1;
                let bytes: Range<usize> = start..end;
                given.text.get(bytes)
            }
        }
    }
}

/// The ends of the first `limit` tokens of `text`, in bytes, and the end of the last. A token that ends within a
/// character ends before it here; the token that completes it has the whole character.
fn token_ends(text: &str, limit: u32) -> (Vec<u32>, usize) {
    let mut ends = Vec::new();
    let (mut at, mut whole) = (0_usize, 0_usize);
    for len in token_lens(text).into_iter().take(limit as usize) {
        at += len;
        if text.is_char_boundary(at) {
            whole = at;
        }
        ends.push(u32::try_from(whole).unwrap_or(u32::MAX));
    }
    // Tokens of a character that the limit cuts are dropped.
    let complete = ends.partition_point(|end| (*end as usize) < whole) + 1;
    ends.truncate(if whole == 0 { 0 } else { complete });
    (ends, whole)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tokenizer::TokenCounter;
    use proptest::prelude::*;

    fn tokens_of(text: &Text) -> Vec<String> {
        let mut rest = text.tokens();
        let mut tokens = Vec::new();
        while let Some(token) = rest.next_token() {
            tokens.push(token.to_owned());
        }
        assert_eq!(rest.left(), 0);
        tokens
    }

    #[test]
    fn tokens_of_a_text_are_its_tokens() {
        let text = Text::tokenized("Hello there, world!", u32::MAX);
        assert_eq!(tokens_of(&text), ["Hello", " there", ",", " world", "!"]);
        assert_eq!(tokens_of(&Text::tokenized("Hello there, world!", 2)), ["Hello", " there"]);
        assert_eq!(Text::tokenized("Hello there, world!", 2).to_string(), "Hello there");
        assert_eq!(tokens_of(&Text::tokenized("", 5)), Vec::<String>::new());
    }

    proptest! {
        #[test]
        fn tokens_of_any_text_concatenate_to_it(text in "\\PC{0,40}") {
            let given = Text::tokenized(&text, u32::MAX);
            prop_assert_eq!(tokens_of(&given).concat(), text.clone());
            prop_assert_eq!(given.token_count(), TokenCounter::new().count(&text));
        }

        #[test]
        fn tokenized_with_limit_keeps_the_beginning(text in "\\PC{0,40}", limit in 0_u32..12) {
            let cut = Text::tokenized(&text, limit);
            prop_assert!(cut.token_count() <= limit);
            prop_assert!(text.starts_with(&cut.to_string()));
            prop_assert_eq!(tokens_of(&cut).concat(), cut.to_string());
        }
    }
}
