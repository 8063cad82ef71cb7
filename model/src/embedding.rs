//! Vectors that stand for texts.

use rand::RngCore as _;
use twox_hash::XxHash3_64;
use weir_pace::Seed;

/// Places of a vector that one word moves.
const PLACES_OF_WORD: usize = 64;
/// How far each place may be moved by the text as a whole, where a word moves it by 1: enough that no two texts have one
/// vector, too little to hide which words they share.
const TEXT_SHARE: f32 = 0.15;

/// What is embedded.
#[derive(Clone, Copy, Debug)]
pub enum Embedded<'a> {
    /// A text.
    Text(&'a str),
    /// The numbers of its tokens.
    Tokens(&'a [u32]),
}

/// The unit vector of `dimensions` that stands for `input`: the same whenever it is asked, and nearer to the vectors of
/// texts that share words with it than to others. A vector of fewer than `full` dimensions is the beginning of the full
/// one, made a unit again, as with models that are trained for that.
#[must_use]
pub fn embed(seed: Seed, input: Embedded<'_>, full: u32, dimensions: u32) -> Vec<f32> {
    let mut vector = vec![0.0; full.max(1) as usize];
    let whole = match input {
        Embedded::Text(text) => {
            let words = text.split(|letter: char| !letter.is_alphanumeric()).filter(|word| !word.is_empty());
            words.for_each(|word| add_word(&mut vector, seed.derive(word_hash(word))));
            XxHash3_64::oneshot(text.as_bytes())
        }
        Embedded::Tokens(tokens) => tokens.iter().fold(0, |hash, token| {
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

/// The same for a word in capitals.
fn word_hash(word: &str) -> u64 {
    if word.bytes().all(|byte| byte.is_ascii() && !byte.is_ascii_uppercase()) {
        return XxHash3_64::oneshot(word.as_bytes());
    }
    XxHash3_64::oneshot(word.to_lowercase().as_bytes())
}

fn add_word(vector: &mut [f32], word: Seed) {
    let mut rng = word.rng();
    let length = vector.len() as u64;
    for _ in 0..PLACES_OF_WORD {
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
            *figure += (f32::from(part) / f32::from(u16::MAX) - 0.5) * TEXT_SHARE;
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
        embed(Seed::new(1), Embedded::Text(text), 1_536, 1_536)
    }

    fn likeness(left: &[f32], right: &[f32]) -> f32 {
        left.iter().zip(right).map(|(left, right)| left * right).sum()
    }

    #[test]
    fn texts_that_share_words_are_near_each_other() {
        let [river, other, city] =
            ["The river rose in spring", "In spring the River fell", "Trains leave every city"].map(vector);
        assert!(likeness(&river, &other) > 0.6, "{}", likeness(&river, &other));
        assert!(likeness(&river, &city).abs() < 0.2, "{}", likeness(&river, &city));
        assert_ne!(vector("a b"), vector("b a"));
        assert_eq!(vector("a b"), vector("a b"));
    }

    #[test]
    fn fewer_dimensions_are_the_beginning_of_the_full_vector() {
        let full = embed(Seed::new(1), Embedded::Tokens(&[1, 2]), 1_536, 1_536);
        let short = embed(Seed::new(1), Embedded::Tokens(&[1, 2]), 1_536, 256);
        assert_eq!(short.len(), 256);
        let ratio = full[7] / short[7];
        assert!(short.iter().zip(&full).all(|(short, full)| (short * ratio - full).abs() < 1e-6));
    }

    proptest! {
        #[test]
        fn every_vector_is_a_unit(text in "\\PC{0,60}", dimensions in 1_u32..1_536) {
            let vector = embed(Seed::new(1), Embedded::Text(&text), 1_536, dimensions);
            prop_assert_eq!(vector.len(), dimensions as usize);
            prop_assert!((likeness(&vector, &vector) - 1.0).abs() < 1e-3);
        }
    }
}
