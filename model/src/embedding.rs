//! Simulated embedding vectors.

use rand::RngCore as _;
use twox_hash::XxHash3_64;
use weir_pace::Seed;

/// The number of dimensions that one word changes.
const DIMENSIONS_PER_WORD: usize = 64;
/// The weight of the text as a whole in each dimension, where a word has 1: enough that no two texts have the same
/// vector, too little to hide common words.
const TEXT_WEIGHT: f32 = 0.15;

/// The input of an embedding.
#[derive(Clone, Copy, Debug)]
pub enum EmbeddingInput<'a> {
    /// A text.
    Text(&'a str),
    /// Token ids.
    Tokens(&'a [u32]),
}

/// Returns the unit vector of `input` with `dimensions` dimensions. It is deterministic, and more similar to vectors of
/// texts with common words than to others. A vector of fewer than `full` dimensions is the normalised prefix of the full
/// one, as with models that are trained for that.
#[must_use]
pub fn embed(seed: Seed, input: EmbeddingInput<'_>, full: u32, dimensions: u32) -> Vec<f32> {
    let mut vector = vec![0.0; full.max(1) as usize];
    let whole = match input {
        EmbeddingInput::Text(text) => {
            let words = text.split(|letter: char| !letter.is_alphanumeric()).filter(|word| !word.is_empty());
            words.for_each(|word| add_word(&mut vector, seed.derive(word_hash(word))));
            XxHash3_64::oneshot(text.as_bytes())
        }
        EmbeddingInput::Tokens(tokens) => tokens.iter().fold(0, |hash, token| {
            let word = seed.derive((*token).into());
            add_word(&mut vector, word);
            word.derive(hash).get()
        }),
    };
    vector.truncate(dimensions.max(1) as usize);
    add_text(&mut vector, seed.named("text").derive(whole));
    normalize(&mut vector);
    vector
}

/// Returns the hash of a word, ignoring case.
fn word_hash(word: &str) -> u64 {
    if word.bytes().all(|byte| byte.is_ascii() && !byte.is_ascii_uppercase()) {
        return XxHash3_64::oneshot(word.as_bytes());
    }
    XxHash3_64::oneshot(word.to_lowercase().as_bytes())
}

fn add_word(vector: &mut [f32], word: Seed) {
    let mut rng = word.rng();
    let length = vector.len() as u64;
    for _ in 0..DIMENSIONS_PER_WORD {
        let drawn = rng.next_u64();
        let place = ((drawn >> 32) * length) >> 32;
        if let Some(figure) = vector.get_mut(place as usize) {
            *figure += if drawn & 1 == 0 { 1.0 } else { -1.0 };
        }
    }
}

fn add_text(vector: &mut [f32], text: Seed) {
    let mut rng = text.rng();
    for four in vector.chunks_mut(4) {
        let drawn = rng.next_u64();
        for (index, figure) in four.iter_mut().enumerate() {
            let part = (drawn >> (16 * index)) as u16;
            *figure += (f32::from(part) / f32::from(u16::MAX) - 0.5) * TEXT_WEIGHT;
        }
    }
}

fn normalize(vector: &mut [f32]) {
    let length = vector.iter().map(|figure| f64::from(*figure).powi(2)).sum::<f64>().sqrt();
    if length > 0.0 {
        let scale = (1.0 / length) as f32;
        vector.iter_mut().for_each(|figure| *figure *= scale);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn vector(text: &str) -> Vec<f32> {
        embed(Seed::new(1), EmbeddingInput::Text(text), 1_536, 1_536)
    }

    fn cosine_similarity(left: &[f32], right: &[f32]) -> f32 {
        left.iter().zip(right).map(|(left, right)| left * right).sum()
    }

    #[test]
    fn embed_texts_with_common_words_are_similar() {
        let [river, other, city] =
            ["The river rose in spring", "In spring the River fell", "Trains leave every city"].map(vector);
        assert!(cosine_similarity(&river, &other) > 0.6, "{}", cosine_similarity(&river, &other));
        assert!(cosine_similarity(&river, &city).abs() < 0.2, "{}", cosine_similarity(&river, &city));
        assert_ne!(vector("a b"), vector("b a"));
        assert_eq!(vector("a b"), vector("a b"));
    }

    #[test]
    fn embed_with_fewer_dimensions_is_a_prefix_of_the_full_vector() {
        let full = embed(Seed::new(1), EmbeddingInput::Tokens(&[1, 2]), 1_536, 1_536);
        let short = embed(Seed::new(1), EmbeddingInput::Tokens(&[1, 2]), 1_536, 256);
        assert_eq!(short.len(), 256);
        let ratio = full[7] / short[7];
        assert!(short.iter().zip(&full).all(|(short, full)| (short * ratio - full).abs() < 1e-6));
    }

    proptest! {
        #[test]
        fn embed_of_any_text_has_length_one(text in "\\PC{0,60}", dimensions in 1_u32..1_536) {
            let vector = embed(Seed::new(1), EmbeddingInput::Text(&text), 1_536, dimensions);
            prop_assert_eq!(vector.len(), dimensions as usize);
            prop_assert!((cosine_similarity(&vector, &vector) - 1.0).abs() < 1e-3);
        }
    }
}
