//! Byte-pair encoding of a short piece: of all adjacent parts whose concatenation is a token, the pair with the lowest
//! rank (the leftmost of several) is merged, until no pair is left.

use super::vocabulary::token_of;

/// The rank of a pair that is not a token.
const NO_TOKEN: u32 = u32::MAX;

/// Working memory of [`token_ends`](Self::token_ends), reused for the next piece.
#[derive(Debug, Default)]
pub(super) struct Scan {
    parts: Vec<Part>,
}

#[derive(Clone, Copy, Debug)]
struct Part {
    start: usize,
    /// The rank of this part and the next one together.
    pair: u32,
}

impl Scan {
    /// Appends the end of each token of `piece` to `ends`, in bytes from the start of the piece. The time is quadratic in
    /// its length.
    pub(super) fn token_ends(&mut self, piece: &[u8], ends: &mut Vec<usize>) {
        let parts = &mut self.parts;
        parts.clear();
        parts.extend((0..piece.len()).map(|start| Part { start, pair: rank(piece, start, start + 2) }));
        while let Some((at, lowest)) =
            parts.iter().map(|part| part.pair).enumerate().min_by_key(|(_, pair)| *pair)
            && lowest != NO_TOKEN
        {
            parts.remove(at + 1);
            let start_of = |index: usize| {
                parts.get(index).map_or(piece.len() + usize::from(index > parts.len()), |part| part.start)
            };
            let (here, after) = (start_of(at), start_of(at + 2));
            let pair = rank(piece, here, after);
            let previous =
                at.checked_sub(1).map(|before| (before, rank(piece, start_of(before), start_of(at + 1))));
            if let Some(part) = parts.get_mut(at) {
                part.pair = pair;
            }
            if let Some((before, pair)) = previous
                && let Some(part) = parts.get_mut(before)
            {
                part.pair = pair;
            }
        }
        ends.extend(parts.iter().skip(1).map(|part| part.start));
        ends.push(piece.len());
    }
}

/// The rank of the token with the bytes from `start` to `end`.
fn rank(piece: &[u8], start: usize, end: usize) -> u32 {
    piece.get(start..end).and_then(token_of).unwrap_or(NO_TOKEN)
}
