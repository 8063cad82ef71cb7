//! Byte-pair encoding of one piece, in time that grows linearly with its length.
//!
//! A sequence of tokens is the encoding of its bytes exactly if each two neighbours are the encoding of theirs. So the
//! tokens of a long piece are chosen from left to right, the longest first. Where none is compatible with its left
//! neighbour, that one is replaced by a shorter one. The encoding that leads to a position is unique: a position from which
//! the rest cannot be encoded is not tried again.

use std::sync::LazyLock;

use super::{
    scan::Scan,
    vocabulary::{TOKENS, token_bytes, token_of},
};

/// Pieces of at most this many bytes are merged part by part.
const SCAN_BYTES_MAX: usize = 48;
/// Remembered pairs of neighbours: in pieces of less than [`LONG_PIECE`] bytes, and in longer ones. A run of one
/// character, such as a rule of dashes, consists of many pairs of tokens that are often no neighbours and slow to check.
const KNOWN_PAIRS_BITS: u32 = 10;
const KNOWN_PAIRS_BITS_LONG: u32 = 15;
const LONG_PIECE: usize = 1_024;
/// The number of slots in which a pair can be.
const PROBES: usize = 16;
/// Tokens of at least this many bytes are found by a bound on their length.
const PREFIX: usize = 4;
const PREFIX_SLOTS: usize = 1 << 16;
/// For each hash of [`PREFIX`] bytes, the length of the longest token that begins with such bytes; zero if there is none.
static LONGEST: LazyLock<Vec<u8>> = LazyLock::new(|| {
    let mut longest = vec![0_u8; PREFIX_SLOTS];
    for bytes in (0..TOKENS).filter_map(token_bytes) {
        if let Some(slot) = bytes.first_chunk().and_then(|prefix| longest.get_mut(prefix_slot(*prefix))) {
            *slot = (*slot).max(bytes.len() as u8);
        }
    }
    longest
});

/// Working memory of [`token_ends`](Self::token_ends), reused for the next piece.
#[derive(Debug, Default)]
pub(super) struct Merger {
    scan: Scan,
    pair_ends: Vec<usize>,
    chosen: Vec<Candidate>,
    /// One bit for each position of the piece: whether the rest cannot be encoded from there.
    dead_ends: Vec<u64>,
    known_pairs: Vec<Option<Pair>>,
    /// The logarithm of their number.
    known_pairs_bits: u32,
    #[cfg(test)]
    checked_pairs: usize,
}

/// A token at a position of the piece.
#[derive(Clone, Copy, Debug)]
struct Candidate {
    start: usize,
    end: usize,
    token: u32,
}

/// Two tokens, and whether they are the encoding of their bytes.
#[derive(Clone, Copy, Debug)]
struct Pair {
    tokens: (u32, u32),
    is_encoding: bool,
}

impl Merger {
    /// Appends the end of each token of `piece` to `ends`, in bytes from the start of the piece.
    pub(super) fn token_ends(&mut self, piece: &[u8], ends: &mut Vec<usize>) {
        if token_of(piece).is_some() {
            ends.push(piece.len());
        } else if piece.len() <= SCAN_BYTES_MAX {
            self.scan.token_ends(piece, ends);
        } else {
            self.choose_tokens(piece, ends);
        }
    }

    #[expect(clippy::expect_used, reason = "each byte is a token, so each piece has an encoding")]
    fn choose_tokens(&mut self, piece: &[u8], ends: &mut Vec<usize>) {
        self.chosen.clear();
        self.dead_ends.clear();
        self.dead_ends.resize(piece.len() / 64 + 1, 0);
        let bits = if piece.len() < LONG_PIECE { KNOWN_PAIRS_BITS } else { KNOWN_PAIRS_BITS_LONG };
        // More than needed is of use too.
        if self.known_pairs.len() < 1 << bits {
            self.known_pairs_bits = bits;
            self.known_pairs.clear();
            self.known_pairs.resize((1 << bits) + PROBES, None);
        }
        let mut next = longest_token(piece, 0, usize::MAX);
        while self.chosen.last().is_none_or(|last| last.end < piece.len()) {
            next = match next {
                Some(candidate) if self.is_possible(piece, candidate) => {
                    self.chosen.push(candidate);
                    longest_token(piece, candidate.end, usize::MAX)
                }
                Some(Candidate { start, end, .. }) => longest_token(piece, start, end - start - 1),
                None => {
                    let Candidate { start, end, .. } = self.chosen.pop().expect("the piece has an encoding");
                    if let Some(bits) = self.dead_ends.get_mut(end / 64) {
                        *bits |= 1 << (end % 64);
                    }
                    longest_token(piece, start, end - start - 1)
                }
            };
        }
        ends.extend(self.chosen.iter().map(|candidate| candidate.end));
    }

    /// Returns whether two tokens are the encoding of their bytes, or the slot for it if that is not known.
    fn known_pair(&self, tokens: (u32, u32)) -> Result<bool, usize> {
        let hash = (tokens.0.wrapping_mul(0x9e37_79b1) ^ tokens.1.wrapping_mul(0x85eb_ca6b))
            >> (32 - self.known_pairs_bits);
        for slot in hash as usize..hash as usize + PROBES {
            match self.known_pairs.get(slot).copied().flatten() {
                Some(pair) if pair.tokens == tokens => return Ok(pair.is_encoding),
                Some(_) => {}
                None => return Err(slot),
            }
        }
        Err(hash as usize)
    }

    /// Whether the candidate is compatible with its left neighbour and does not lead to a dead end.
    fn is_possible(&mut self, piece: &[u8], candidate: Candidate) -> bool {
        let is_dead_end =
            self.dead_ends.get(candidate.end / 64).is_some_and(|bits| bits >> (candidate.end % 64) & 1 == 1);
        if is_dead_end {
            return false;
        }
        let Some(left) = self.chosen.last().copied() else { return true };
        let tokens = (left.token, candidate.token);
        let slot = match self.known_pair(tokens) {
            Ok(is_encoding) => return is_encoding,
            Err(slot) => slot,
        };
        let both = piece.get(left.start..candidate.end).unwrap_or_default();
        #[cfg(test)]
        {
            self.checked_pairs += 1;
        }
        self.pair_ends.clear();
        self.scan.token_ends(both, &mut self.pair_ends);
        let is_encoding = self.pair_ends == [left.end - left.start, both.len()];
        if let Some(slot) = self.known_pairs.get_mut(slot) {
            *slot = Some(Pair { tokens, is_encoding });
        }
        is_encoding
    }
}

/// The longest token of at most `len_max` bytes at `start`.
fn longest_token(piece: &[u8], start: usize, len_max: usize) -> Option<Candidate> {
    let rest = piece.get(start..)?;
    let bound = rest.first_chunk().and_then(|prefix| LONGEST.get(prefix_slot(*prefix)));
    let bound = bound.map_or(PREFIX, |longest| usize::from(*longest)).max(PREFIX - 1);
    (1..=bound.min(len_max).min(rest.len())).rev().find_map(|len| {
        let token = rest.get(..len).and_then(token_of)?;
        Some(Candidate { start, end: start + len, token })
    })
}

const fn prefix_slot(prefix: [u8; PREFIX]) -> usize {
    (u32::from_le_bytes(prefix).wrapping_mul(0x9e37_79b1) >> 16) as usize
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn scanned(piece: &[u8]) -> Vec<usize> {
        let mut ends = Vec::new();
        Scan::default().token_ends(piece, &mut ends);
        ends
    }

    fn chosen(piece: &[u8]) -> Vec<usize> {
        let mut ends = Vec::new();
        Merger::default().choose_tokens(piece, &mut ends);
        ends
    }

    proptest! {
        #[test]
        fn choose_tokens_of_any_piece_equals_merging_part_by_part(
            piece in "[a-e]{1,300}|[=*-]{1,200}|[a-zA-Z]{1,200}|[0-9a-f]{1,200}|\\PC{1,80}|[的一是不了人我在有他这]{1,80}"
        ) {
            prop_assert_eq!(chosen(piece.as_bytes()), scanned(piece.as_bytes()));
        }

        #[test]
        fn choose_tokens_of_any_bytes_equals_merging_part_by_part(piece in prop::collection::vec(any::<u8>(), 1..200)) {
            prop_assert_eq!(chosen(&piece), scanned(&piece));
        }
    }

    #[test]
    fn choose_tokens_of_a_long_piece_equals_merging_part_by_part() {
        let letters = (0..5_000_u32)
            .map(|index| char::from(b'a' + (index.wrapping_mul(2_654_435_761) >> 27) as u8 % 26));
        for piece in [
            "a".repeat(3_001),
            "=".repeat(3_001),
            "abcde".repeat(999),
            "的一是".repeat(700),
            letters.collect(),
        ] {
            assert_eq!(chosen(piece.as_bytes()), scanned(piece.as_bytes()));
        }
    }

    fn checked_pairs(piece: &str) -> usize {
        let mut merger = Merger::default();
        merger.token_ends(piece.as_bytes(), &mut Vec::new());
        merger.checked_pairs
    }

    /// A check takes up to a millisecond in the dev profile.
    #[test]
    fn checked_pairs_of_a_run_do_not_grow_with_its_length() {
        for part in ["#", "ab"] {
            let (short, long) = (checked_pairs(&part.repeat(2_000)), checked_pairs(&part.repeat(20_000)));
            assert!(long <= 2 * short + 100, "{part}: {short}, {long}");
        }
    }
}
