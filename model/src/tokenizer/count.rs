//! Counts the tokens of prompts.

use std::sync::atomic::{AtomicU64, Ordering};

use twox_hash::XxHash3_64;

use super::encode::token_count;

/// The number of cached counts, a power of two.
const SLOTS: usize = 4_096;
/// A slot holds a count in its low bits and the rest of the text's hash above them.
const COUNT_BITS: u32 = 24;
const COUNT_MASK: u64 = (1 << COUNT_BITS) - 1;

/// Counts tokens of the vocabulary `o200k_base`, and caches the counts of repeated texts: a cached text
/// costs one hash.
#[derive(Debug)]
pub struct TokenCounter {
    slots: Box<[AtomicU64]>,
}

impl Default for TokenCounter {
    fn default() -> Self {
        Self::new()
    }
}

impl TokenCounter {
    /// A counter with an empty cache.
    pub fn new() -> Self {
        Self { slots: (0..SLOTS).map(|_| AtomicU64::new(0)).collect() }
    }

    /// The number of tokens of `text`.
    pub fn count(&self, text: &str) -> u32 {
        if text.is_empty() {
            return 0;
        }
        let hash = XxHash3_64::oneshot(text.as_bytes());
        let tag = hash & !COUNT_MASK;
        let slot = self.slot(hash);
        let known = slot.load(Ordering::Relaxed);
        if known != 0 && known & !COUNT_MASK == tag {
            return (known & COUNT_MASK) as u32;
        }
        let count = u32::try_from(token_count(text)).unwrap_or(u32::MAX);
        if u64::from(count) <= COUNT_MASK {
            slot.store(tag | u64::from(count), Ordering::Relaxed);
        }
        count
    }

    #[expect(clippy::expect_used, reason = "the index is below the number of slots")]
    fn slot(&self, hash: u64) -> &AtomicU64 {
        self.slots.get(hash as usize % SLOTS).expect("a remainder of a division by SLOTS is below SLOTS")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn count_of_cached_text_is_its_count() {
        let counter = TokenCounter::new();
        let text = "A weir regulates a stream, and measures it.";
        let first = counter.count(text);
        assert_eq!(first as usize, token_count(text));
        assert_eq!(counter.count(text), first);
        assert_eq!(counter.count(""), 0);
    }

    #[test]
    fn count_of_many_texts_keeps_them_apart() {
        let counter = TokenCounter::new();
        let texts: Vec<String> = (1..200).map(|words| " the".repeat(words)).collect();
        for _ in 0..2 {
            for (index, text) in texts.iter().enumerate() {
                assert_eq!(counter.count(text) as usize, index + 1);
            }
        }
    }
}
