//! A text, token by token, from a seed.

use rand::RngCore as _;
use weir_pace::{Rng, Seed};

use super::words::{ADJECTIVES, ADVERBS, DETERMINERS, JOINERS, NOUNS, OPENERS, PREPOSITIONS, VERBS};

/// The shapes of sentences: each entry is the words that one place can take.
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
/// Said when one token is left and the sentence before has ended.
const CLOSING: &str = " Done";

/// The tokens of one text, in order. The length is exact; the text ends with a full sentence's stop
/// wherever the length leaves room for it.
#[derive(Clone, Debug)]
pub struct TextTokens {
    rng: Rng,
    left: u32,
    /// What is still to come of the sentence; empty before a new one.
    shape: &'static [&'static [&'static str]],
    place: Place,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    TextStart,
    SentenceStart,
    Within,
}

impl TextTokens {
    /// `count` tokens that follow from `seed`.
    pub fn new(seed: Seed, count: u32) -> Self {
        Self { rng: seed.rng(), left: count, shape: &[], place: Place::TextStart }
    }

    fn pick<T: Copy>(&mut self, from: &[T]) -> Option<T> {
        // The high half, scaled to the length: no division, and no bias that a text could show.
        let index = ((self.rng.next_u64() >> 32) * from.len() as u64) >> 32;
        from.get(index as usize).copied()
    }
}

impl Iterator for TextTokens {
    type Item = &'static str;

    fn next(&mut self) -> Option<&'static str> {
        self.left = self.left.checked_sub(1)?;
        if self.place != Place::Within {
            if self.left == 0 && self.place == Place::SentenceStart {
                return Some(CLOSING);
            }
            self.shape = self.pick(&SHAPES)?;
        } else if self.left == 0 || self.shape.is_empty() {
            self.place = Place::SentenceStart;
            return Some(FULL_STOP);
        }
        let (words, rest) = self.shape.split_first()?;
        let word = self.pick(words)?;
        self.shape = rest;
        let first = self.place == Place::TextStart;
        self.place = Place::Within;
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
    fn a_text_reads_like_sentences() {
        let text: String = TextTokens::new(Seed::new(7), 40).collect();
        insta::assert_snapshot!(text, @"This double system controls every machine. One road quickly leaves one calm student under this village. Another single system passes another season. The calm map shows that road. Another early group finds another balance when.");
    }

    #[test]
    fn every_word_is_one_token() {
        for words in SHAPES.iter().flat_map(|shape| shape.iter()) {
            for word in words.iter().chain([&FULL_STOP, &CLOSING]) {
                assert_eq!(encode(word).len(), 1, "{word}");
            }
        }
    }

    proptest! {
        #[test]
        fn the_text_has_exactly_the_asked_number_of_tokens(seed: u64, count in 0_u32..300) {
            let text: String = TextTokens::new(Seed::new(seed), count).collect();
            prop_assert_eq!(TokenCounter::new().count(&text), count);
        }
    }
}
