//! The prompts of simulated users.

use std::sync::Arc;

use rand::RngCore as _;
use weir_pace::{Amount, Rng, Seed};

use super::text::Rendering;
use super::{TemplateError, Text};

/// The largest generated prompt in tokens: about four times the largest context of current models.
pub(crate) const PROMPT_TOKENS_MAX: u64 = 4_000_000;

/// Frequent English words. With the space before it, each is one token in the vocabularies of today's models.
const WORDS: [&str; 64] = [
    "the", "water", "river", "time", "under", "house", "light", "small", "great", "where", "people", "after",
    "world", "still", "between", "never", "another", "while", "last", "might", "place", "little", "right",
    "every", "found", "those", "long", "thought", "hand", "part", "large", "often", "began", "almost",
    "above", "always", "side", "white", "night", "until", "story", "point", "along", "close", "open",
    "early", "paper", "group", "music", "both", "mark", "book", "letter", "mile", "car", "feet", "care",
    "second", "enough", "plain", "girl", "young", "ready", "list",
];

/// Bits that choose one of [`WORDS`].
const WORD_BITS: u32 = WORDS.len().trailing_zeros();

/// The prompt of a request.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Prompt {
    /// The same in each request.
    prefix: Arc<str>,
    text: PromptText,
}

/// What differs from request to request.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum PromptText {
    Text(Text),
    /// Plain words of about this number of tokens, different in each request, so that no cache has them.
    Tokens(Amount),
}

impl Prompt {
    /// A prompt that begins with `prefix_tokens` tokens which each request of each run has.
    pub(crate) fn new(text: PromptText, prefix_tokens: u64) -> Self {
        let mut prefix = String::new();
        push_words(&mut prefix, prefix_tokens, &mut Seed::new(0).named("shared prefix").rng());
        if !prefix.is_empty() {
            prefix.push('\n');
        }
        Self { prefix: prefix.into(), text }
    }

    /// The prompt itself, where it is always the same.
    pub(super) fn fixed(&self) -> Option<String> {
        match &self.text {
            PromptText::Text(text) => Some(format!("{}{}", self.prefix, text.fixed()?)),
            PromptText::Tokens(_) => None,
        }
    }

    /// Renders the prompt of one request. Only the first turn of a conversation has the prefix; later turns repeat it.
    ///
    /// # Errors
    ///
    /// A template does not render.
    pub(super) fn render(&self, rendering: &Rendering<'_>) -> Result<String, TemplateError> {
        let mut prompt = if rendering.turn() == 1 { (*self.prefix).to_owned() } else { String::new() };
        match &self.text {
            PromptText::Text(text) => prompt.push_str(&text.render(rendering)?),
            PromptText::Tokens(count) => {
                rendering.draw(|rng| push_words(&mut prompt, count.sample(rng).max(1), rng));
            }
        }
        Ok(prompt)
    }
}

/// Appends `count` words.
fn push_words(out: &mut String, count: u64, rng: &mut Rng) {
    let (mut bits, mut left) = (0, 0);
    for place in 0..count.min(PROMPT_TOKENS_MAX) {
        if left < WORD_BITS {
            (bits, left) = (rng.next_u64(), u64::BITS);
        }
        if place > 0 {
            out.push(' ');
        }
        out.push_str(WORDS.get(bits as usize % WORDS.len()).unwrap_or(&""));
        bits >>= WORD_BITS;
        left -= WORD_BITS;
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::task::Templates;
    use crate::task::text::at_turn;

    fn words(prompt: &Prompt, turn: u32, rng: &mut Rng) -> Vec<String> {
        let text =
            at_turn(&Templates::default(), (0, turn), rng, |rendering| prompt.render(rendering)).unwrap();
        text.split_ascii_whitespace().map(str::to_owned).collect()
    }

    #[test]
    fn render_tokens_has_one_word_per_token_and_differs_by_request() {
        let prompt = Prompt::new(PromptText::Tokens(Amount::constant(200)), 0);
        let mut rng = Seed::new(1).rng();
        let prompts: BTreeSet<_> = (0..50).map(|_| words(&prompt, 1, &mut rng)).collect();
        assert_eq!(prompts.len(), 50);
        assert!(prompts.iter().all(|prompt| prompt.len() == 200));
        let used: BTreeSet<_> = prompts.iter().flatten().collect();
        assert_eq!(used.len(), WORDS.len(), "every word is used");
        assert_eq!(words(&prompt, 1, &mut Seed::new(2).rng()), words(&prompt, 1, &mut Seed::new(2).rng()));
    }

    #[test]
    fn render_shared_prefix_precedes_first_turns() {
        let prompt = Prompt::new(PromptText::Tokens(Amount::constant(10)), 100);
        let mut rng = Seed::new(1).rng();
        let (one, other) = (words(&prompt, 1, &mut rng), words(&prompt, 1, &mut rng));
        assert_eq!((one.len(), &one[..100]), (110, &other[..100]));
        assert_ne!(one[100..], other[100..]);
        assert_eq!(words(&prompt, 2, &mut rng).len(), 10);
    }

    #[test]
    fn words_are_unique() {
        assert_eq!(WORDS.iter().collect::<BTreeSet<_>>().len(), WORDS.len());
        assert_eq!(1 << WORD_BITS, WORDS.len());
    }
}
