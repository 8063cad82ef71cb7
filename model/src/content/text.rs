//! What a segment says, token by token.

use std::{fmt, ops::Range, sync::Arc};

use weir_pace::Seed;

use crate::{text::TextTokens, tokenizer::token_lens};

/// What a segment says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Text {
    /// So many words that follow from a seed.
    Natural {
        /// What the words follow from.
        seed: Seed,
        /// How many there are.
        tokens: u32,
    },
    /// A text of somebody's own.
    Given(Arc<Given>),
}

/// A text, and where its tokens end.
#[derive(Debug, PartialEq, Eq)]
pub struct Given {
    text: Box<str>,
    /// Where each token ends, in bytes; a token that ends inside of a character ends here before it.
    ends: Box<[u32]>,
}

impl Text {
    /// So many words that follow from `seed`.
    #[must_use]
    pub const fn natural(seed: Seed, tokens: u32) -> Self {
        Self::Natural { seed, tokens }
    }

    /// `text` in the tokens of `o200k_base`, and no more of it than `limit` of them.
    #[must_use]
    pub fn given(text: &str, limit: u32) -> Self {
        let (ends, last) = token_ends(text, limit);
        Self::Given(Arc::new(Given { text: text.get(..last).unwrap_or(text).into(), ends: ends.into() }))
    }

    /// Whether nothing of `text` was cut from it.
    pub(crate) fn is_whole(&self, text: &str) -> bool {
        match self {
            Self::Natural { .. } => true,
            Self::Given(given) => given.text.len() == text.len(),
        }
    }

    /// What it holds, in bytes.
    pub(super) fn bytes(&self) -> usize {
        match self {
            Self::Natural { .. } => 0,
            Self::Given(given) => given.text.len() + size_of_val(&*given.ends),
        }
    }

    /// How many tokens it has.
    #[must_use]
    pub fn token_count(&self) -> u32 {
        match self {
            Self::Natural { tokens, .. } => *tokens,
            Self::Given(given) => given.ends.len() as u32,
        }
    }

    /// Its tokens, in order.
    #[must_use]
    pub fn tokens(&self) -> Tokens {
        match self {
            Self::Natural { seed, tokens } => Tokens::Natural(TextTokens::new(*seed, *tokens)),
            Self::Given(given) => Tokens::Given { given: Arc::clone(given), next: 0 },
        }
    }
}

impl fmt::Display for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Natural { seed, tokens } => {
                TextTokens::new(*seed, *tokens).try_for_each(|token| f.write_str(token))
            }
            Self::Given(given) => f.write_str(&given.text),
        }
    }
}

/// The tokens of a text that are still to be said.
#[derive(Clone, Debug)]
pub enum Tokens {
    /// Words that follow from a seed.
    Natural(TextTokens),
    /// Those of a text of somebody's own.
    Given {
        /// The text.
        given: Arc<Given>,
        /// The first token that is still to be said.
        next: usize,
    },
}

impl Tokens {
    /// How many are still to be said.
    #[must_use]
    pub fn left(&self) -> usize {
        match self {
            Self::Natural(words) => words.len(),
            Self::Given { given, next } => given.ends.len() - next,
        }
    }

    /// The next token. It is empty where a token ends inside of a character, which comes with the token that completes it.
    pub fn next_token(&mut self) -> Option<&str> {
        match self {
            Self::Natural(words) => words.next(),
            Self::Given { given, next } => {
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

/// Where each of the first `limit` tokens of `text` ends, in bytes, and where the last does. A token that ends inside of a
/// character ends before it here; the one that completes it has it whole.
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
    // The tokens of a character that the limit cuts are left out.
    let said = ends.partition_point(|end| (*end as usize) < whole) + 1;
    ends.truncate(if whole == 0 { 0 } else { said });
    (ends, whole)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tokenizer::TokenCounter;
    use proptest::prelude::*;

    fn said(text: &Text) -> Vec<String> {
        let mut tokens = text.tokens();
        let mut said = Vec::new();
        while let Some(token) = tokens.next_token() {
            said.push(token.to_owned());
        }
        assert_eq!(tokens.left(), 0);
        said
    }

    #[test]
    fn a_text_is_said_in_its_tokens() {
        let text = Text::given("Hello there, world!", u32::MAX);
        assert_eq!(said(&text), ["Hello", " there", ",", " world", "!"]);
        assert_eq!(said(&Text::given("Hello there, world!", 2)), ["Hello", " there"]);
        assert_eq!(Text::given("Hello there, world!", 2).to_string(), "Hello there");
        assert_eq!(said(&Text::given("", 5)), Vec::<String>::new());
    }

    proptest! {
        #[test]
        fn what_is_said_is_the_text_and_its_tokens_are_counted(text in "\\PC{0,40}") {
            let given = Text::given(&text, u32::MAX);
            prop_assert_eq!(said(&given).concat(), text.clone());
            prop_assert_eq!(given.token_count(), TokenCounter::new().count(&text));
        }

        #[test]
        fn a_limit_keeps_the_beginning(text in "\\PC{0,40}", limit in 0_u32..12) {
            let cut = Text::given(&text, limit);
            prop_assert!(cut.token_count() <= limit);
            prop_assert!(text.starts_with(&cut.to_string()));
            prop_assert_eq!(said(&cut).concat(), cut.to_string());
        }
    }
}
