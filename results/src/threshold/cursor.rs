//! A cursor in the text of a threshold.

use super::error::{Found, ThresholdError, ThresholdProblem};

/// The maximum length in characters: eight limits and the longest names need about half of it.
const LENGTH_MAX: usize = 500;

/// A position in the text. Spaces are ignored, except in names.
pub(super) struct Cursor<'a> {
    text: &'a str,
    /// In bytes, between two characters.
    at: usize,
}

/// A piece of the text.
#[derive(Copy, Clone)]
pub(super) struct Token<'a> {
    pub(super) text: &'a str,
    /// In bytes.
    start: usize,
}

impl Token<'_> {
    /// Returns the token without trailing spaces.
    pub(super) fn trimmed(self) -> Self {
        Self { text: self.text.trim_end(), ..self }
    }
}

impl<'a> Cursor<'a> {
    pub(super) fn new(text: &'a str) -> Result<Self, ThresholdError> {
        if text.trim().is_empty() {
            return Err(ThresholdError::new(text, 0, 1, ThresholdProblem::Empty));
        }
        if text.chars().nth(LENGTH_MAX).is_some() {
            let start: String = text.chars().take(LENGTH_MAX + 1).collect();
            let problem = ThresholdProblem::TooLong { longest: LENGTH_MAX };
            return Err(ThresholdError::new(&start, LENGTH_MAX, 1, problem));
        }
        Ok(Self { text, at: 0 })
    }

    fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn skip_spaces(&mut self) {
        self.at += self.rest().len() - self.rest().trim_start().len();
    }

    /// Returns the next character that is not a space.
    pub(super) fn peek(&mut self) -> Option<char> {
        self.skip_spaces();
        self.rest().chars().next()
    }

    /// Consumes the next character if it is this one; returns whether it is.
    pub(super) fn eat(&mut self, character: char) -> bool {
        let is_next = self.peek() == Some(character);
        if is_next {
            self.at += character.len_utf8();
        }
        is_next
    }

    /// Consumes this character; fails if another one follows.
    pub(super) fn expect_char(&mut self, character: char, needed: &str) -> Result<(), ThresholdError> {
        if self.eat(character) { Ok(()) } else { Err(self.expected(needed)) }
    }

    /// Consumes the characters that satisfy the predicate, possibly none.
    pub(super) fn take_while(&mut self, is_wanted: impl FnMut(char) -> bool) -> Token<'a> {
        self.skip_spaces();
        self.take_name(is_wanted)
    }

    /// Consumes the characters that satisfy the predicate, spaces included.
    pub(super) fn take_name(&mut self, mut is_wanted: impl FnMut(char) -> bool) -> Token<'a> {
        let (start, rest) = (self.at, self.rest());
        let length = rest.find(|character| !is_wanted(character)).unwrap_or(rest.len());
        self.at += length;
        Token { text: rest.get(..length).unwrap_or_default(), start }
    }

    /// Consumes a word of letters, digits and underscores.
    pub(super) fn word(&mut self, needed: &str) -> Result<Token<'a>, ThresholdError> {
        let word = self.take_while(is_word);
        if word.text.is_empty() { Err(self.expected(needed)) } else { Ok(word) }
    }

    /// Consumes a statistic: a word, with the decimals of a percentile.
    pub(super) fn statistic(&mut self) -> Token<'a> {
        let mut before = None;
        self.take_while(|character| {
            let goes_on = is_word(character) || (character == '.' && before.is_some_and(is_digit));
            before = Some(character);
            goes_on
        })
    }

    /// Fails if text remains.
    pub(super) fn expect_end(&mut self) -> Result<(), ThresholdError> {
        if self.peek().is_none() { Ok(()) } else { Err(self.expected("the end of the threshold")) }
    }

    /// Returns the error that `needed` was expected here.
    pub(super) fn expected(&mut self, needed: &str) -> ThresholdError {
        let found = self.peek().map_or(Found::End, Found::Character);
        self.fail(ThresholdProblem::Expected { needed: needed.to_owned(), found })
    }

    /// Returns an error at the next character.
    pub(super) fn fail(&mut self, problem: ThresholdProblem) -> ThresholdError {
        self.skip_spaces();
        ThresholdError::new(self.text, self.characters_before(self.at), 1, problem)
    }

    /// Returns an error at a consumed token.
    pub(super) fn fail_at(&self, token: Token<'_>, problem: ThresholdProblem) -> ThresholdError {
        let at = self.characters_before(token.start);
        ThresholdError::new(self.text, at, token.text.chars().count(), problem)
    }

    fn characters_before(&self, byte: usize) -> usize {
        self.text.get(..byte).unwrap_or_default().chars().count()
    }
}

fn is_word(character: char) -> bool {
    character.is_alphanumeric() || character == '_'
}

fn is_digit(character: char) -> bool {
    character.is_ascii_digit()
}
