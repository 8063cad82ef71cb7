//! Byte-pair encoding of one piece: of all adjacent parts whose concatenation is a token, the pair with the lowest rank
//! (the leftmost of several) is merged, until no pair is left.

use std::{cmp::Reverse, collections::BinaryHeap};

use super::vocabulary::{TOKEN_LEN_MAX, token_of};

/// Pieces of at most this many bytes are merged by looking for the lowest rank among all parts, without a heap.
const SCAN_BYTES_MAX: usize = 48;
/// Longer pieces are merged in windows, so that memory stays small and in the cache.
const WINDOW: usize = 16 * 1024;
/// Bytes at the end of a window whose tokens depend on the following bytes.
const OVERLAP: usize = 8 * TOKEN_LEN_MAX;
/// The rank of a pair that is not a token.
const NO_TOKEN: u32 = u32::MAX;

/// Working memory of [`token_ends`](Self::token_ends), reused for the next piece.
#[derive(Debug, Default)]
pub(super) struct Merger {
    parts: Vec<Part>,
    heap: BinaryHeap<Reverse<(u32, u32)>>,
    links: Vec<Link>,
    window_ends: Vec<usize>,
}

#[derive(Clone, Copy, Debug)]
struct Part {
    start: usize,
    /// The rank of this part and the next one together.
    pair: u32,
}

/// A part of a long piece, by the offset of its first byte.
#[derive(Clone, Copy, Debug)]
struct Link {
    previous: u32,
    next: u32,
    /// The rank of this part and the next one together.
    pair: u32,
}

impl Merger {
    /// Appends the end of each token of `piece` to `ends`, in bytes from the start of the piece.
    pub(super) fn token_ends(&mut self, piece: &[u8], ends: &mut Vec<usize>) {
        if token_of(piece).is_some() {
            ends.push(piece.len());
        } else if piece.len() <= SCAN_BYTES_MAX {
            self.merge_by_scan(piece, ends);
        } else if piece.len() <= WINDOW {
            self.merge_by_heap(piece, 0, ends);
        } else {
            self.merge_by_windows(piece, ends);
        }
    }

    fn merge_by_scan(&mut self, piece: &[u8], ends: &mut Vec<usize>) {
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

    /// As [`token_ends`](Self::token_ends), in n log n; `offset` is added to each end.
    fn merge_by_heap(&mut self, piece: &[u8], offset: usize, ends: &mut Vec<usize>) {
        let (links, heap) = (&mut self.links, &mut self.heap);
        let len = piece.len();
        links.clear();
        heap.clear();
        let mut pairs = Vec::with_capacity(len);
        for start in 0..len {
            let pair = rank(piece, start, start + 2);
            links.push(Link { previous: start.saturating_sub(1) as u32, next: start as u32 + 1, pair });
            if pair != NO_TOKEN {
                pairs.push(Reverse((pair, start as u32)));
            }
        }
        *heap = BinaryHeap::from(pairs);
        let link = |links: &[Link], at: u32| links.get(at as usize).copied();
        while let Some(Reverse((lowest, at))) = heap.pop() {
            let Some(left) = link(links, at).filter(|left| left.pair == lowest) else { continue };
            let Some(right) = link(links, left.next) else { continue };
            let after = right.next;
            if let Some(merged) = links.get_mut(left.next as usize) {
                merged.pair = NO_TOKEN;
            }
            if let Some(following) = links.get_mut(after as usize) {
                following.previous = at;
            }
            let end = link(links, after).map_or(len + 1, |following| following.next as usize);
            let pair = rank(piece, at as usize, end);
            if let Some(part) = links.get_mut(at as usize) {
                part.next = after;
                part.pair = pair;
            }
            if pair != NO_TOKEN {
                heap.push(Reverse((pair, at)));
            }
            if at > 0 {
                let pair = rank(piece, left.previous as usize, after as usize);
                if let Some(part) = links.get_mut(left.previous as usize) {
                    part.pair = pair;
                }
                if pair != NO_TOKEN {
                    heap.push(Reverse((pair, left.previous)));
                }
            }
        }
        let mut at = 0;
        while let Some(part) = links.get(at) {
            at = part.next as usize;
            ends.push(offset + at);
        }
    }

    /// Merges window by window. The tokens near the end of a window are dropped, and the next window begins there: a
    /// sequence of tokens is the encoding of its bytes exactly if each two neighbours are the encoding of theirs, which
    /// leaves the two at the seam to check.
    fn merge_by_windows(&mut self, piece: &[u8], ends: &mut Vec<usize>) {
        let first = ends.len();
        let mut window_ends = std::mem::take(&mut self.window_ends);
        let (mut start, mut last_len) = (0, 0);
        while start < piece.len() {
            let window = piece.get(start..piece.len().min(start + WINDOW)).unwrap_or_default();
            window_ends.clear();
            self.merge_by_heap(window, start, &mut window_ends);
            let seam_holds = start == 0
                || window_ends.first().is_none_or(|end| {
                    piece.get(start - last_len..*end).is_some_and(|both| self.is_cut_at(both, last_len))
                });
            if !seam_holds {
                ends.truncate(first);
                self.merge_by_heap(piece, 0, ends);
                break;
            }
            if start + window.len() < piece.len() {
                let limit = start + WINDOW - OVERLAP;
                window_ends.truncate(window_ends.partition_point(|end| *end <= limit));
            }
            ends.extend_from_slice(&window_ends);
            let mut lasts = window_ends.iter().rev();
            let end = lasts.next().copied().unwrap_or(piece.len());
            last_len = end - lasts.next().copied().unwrap_or(start);
            start = end;
        }
        self.window_ends = window_ends;
    }

    /// Whether `both` is encoded as two tokens, of which the first has `len` bytes.
    fn is_cut_at(&mut self, both: &[u8], len: usize) -> bool {
        let mut ends = Vec::with_capacity(2);
        self.merge_by_scan(both, &mut ends);
        ends == [len, both.len()]
    }
}

/// The rank of the token with the bytes from `start` to `end`.
fn rank(piece: &[u8], start: usize, end: usize) -> u32 {
    piece.get(start..end).and_then(token_of).unwrap_or(NO_TOKEN)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn scanned(piece: &[u8]) -> Vec<usize> {
        let mut ends = Vec::new();
        Merger::default().merge_by_scan(piece, &mut ends);
        ends
    }

    fn heaped(piece: &[u8]) -> Vec<usize> {
        let mut ends = Vec::new();
        Merger::default().merge_by_heap(piece, 0, &mut ends);
        ends
    }

    fn windowed(piece: &[u8]) -> Vec<usize> {
        let mut ends = Vec::new();
        Merger::default().merge_by_windows(piece, &mut ends);
        ends
    }

    proptest! {
        #[test]
        fn merge_by_heap_of_any_piece_equals_merge_by_scan(piece in "[a-e]{1,200}|\\PC{1,80}") {
            prop_assert_eq!(heaped(piece.as_bytes()), scanned(piece.as_bytes()));
        }
    }

    #[test]
    fn merge_by_windows_of_a_long_piece_equals_merge_by_heap() {
        let digits = (0..60_000_u32)
            .map(|index| char::from(b'a' + (index.wrapping_mul(2_654_435_761) >> 27) as u8 % 26));
        for piece in [
            "a".repeat(50_000),
            "=".repeat(50_001),
            "abcde".repeat(9_999),
            "的一是".repeat(7_000),
            digits.collect(),
        ] {
            assert_eq!(windowed(piece.as_bytes()), heaped(piece.as_bytes()));
        }
    }
}
