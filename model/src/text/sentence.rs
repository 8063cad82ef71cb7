//! Generates a text from a seed, token by token.

use rand::RngCore as _;
use weir_pace::{Rng, Seed};

use super::words::{ADJECTIVES, ADVERBS, DETERMINERS, JOINERS, NOUNS, OPENERS, PREPOSITIONS, VERBS};

/// The shapes of sentences: each entry lists the words of one position.
const SHAPES: [&[&[&str]]; 4] = [
    &[OPENERS, ADJECTIVES, NOUNS, VERBS, DETERMINERS, NOUNS],
    &[OPENERS, NOUNS, ADVERBS, VERBS, DETERMINERS, ADJECTIVES, NOUNS, PREPOSITIONS, DETERMINERS, NOUNS],
    &[
        OPENERS,
        ADJECTIVES,
        NOUNS,
        VERBS,
        DETERMINERS,
        NOUNS,
        JOINERS,
        DETERMINERS,
        NOUNS,
        VERBS,
        DETERMINERS,
        ADJECTIVES,
        NOUNS,
    ],
    &[OPENERS, NOUNS, PREPOSITIONS, DETERMINERS, ADJECTIVES, NOUNS, VERBS, DETERMINERS, NOUNS, ADVERBS],
];
const FULL_STOP: &str = ".";
/// Used when one token is left and the previous sentence has ended.
const CLOSING: &str = " Done";

/// The tokens of one text, in order. The length is exact; the text ends with a full stop
/// if the length allows it.
#[derive(Clone, Debug)]
pub struct TextTokens {
    rng: Rng,
    left: u32,
    /// The rest of the sentence; empty before a new one.
    shape: &'static [&'static [&'static str]],
    position: TextPosition,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum TextPosition {
    TextStart,
    SentenceStart,
    Within,
}

impl TextTokens {
    /// A text of `count` tokens derived from `seed`.
    pub fn new(seed: Seed, count: u32) -> Self {
        Self { rng: seed.rng(), left: count, shape: &[], position: TextPosition::TextStart }
    }

    fn choose<T: Copy>(&mut self, from: &[T]) -> Option<T> {
        // The high half, scaled to the length: no division, and no visible bias.
        let index = ((self.rng.next_u64() >> 32) * from.len() as u64) >> 32;
        from.get(index as usize).copied()
    }
}

impl Iterator for TextTokens {
    type Item = &'static str;

    fn next(&mut self) -> Option<&'static str> {
        self.left = self.left.checked_sub(1)?;
        if self.position != TextPosition::Within {
            if self.left == 0 && self.position == TextPosition::SentenceStart {
                return Some(CLOSING);
            }
            self.shape = self.choose(&SHAPES)?;
        } else if self.left == 0 || self.shape.is_empty() {
            self.position = TextPosition::SentenceStart;
            return Some(FULL_STOP);
        }
        let (words, rest) = self.shape.split_first()?;
        let word = self.choose(words)?;
        self.shape = rest;
        let first = self.position == TextPosition::TextStart;
        self.position = TextPosition::Within;
        Some(if first { word.trim_start() } else { word })
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.left as usize, Some(self.left as usize))
    }
}

impl ExactSizeIterator for TextTokens {}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tokenizer::{TokenCounter, encode};
    use proptest::prelude::*;

    #[test]
    fn text_tokens_read_like_sentences() {
        let text: String = TextTokens::new(Seed::new(7), 40).collect();
        insta::assert_snapshot!(text, @"This double system controls every machine. One road quickly leaves one calm student under this village. Another single system passes another season. The calm map shows that road. Another early group finds another balance when.");
    }

    #[test]
    fn words_are_one_token_each() {
        for words in SHAPES.iter().flat_map(|shape| shape.iter()) {
            for word in words.iter().chain([&FULL_STOP, &CLOSING]) {
                assert_eq!(encode(word).len(), 1, "{word}");
            }
        }
    }

    proptest! {
        #[test]
        fn text_tokens_have_the_exact_count(seed: u64, count in 0_u32..300) {
            let text: String = TextTokens::new(Seed::new(seed), count).collect();
            prop_assert_eq!(TokenCounter::new().count(&text), count);
        }
    }
}
