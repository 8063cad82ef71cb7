//! The vocabulary `o200k_base`, in tables that the build script writes and that are read in place.

use twox_hash::XxHash3_64;

static BYTES: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/o200k_bytes.bin"));
/// The length of each token in [`BYTES`].
static LENGTHS: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/o200k_lengths.bin"));
/// The start of each [`TOKENS_PER_ANCHOR`]-th token in [`BYTES`].
static ANCHORS: &[[u8; 4]] = include_bytes!(concat!(env!("OUT_DIR"), "/o200k_anchors.bin")).as_chunks().0;
const TOKENS_PER_ANCHOR: usize = 16;
/// An open-addressing hash table from the bytes of a token to its rank: a token plus one in the low bits, the high bits
/// of the hash above them; zero is empty.
static SLOTS: &[[u8; 3]] = include_bytes!(concat!(env!("OUT_DIR"), "/o200k_slots.bin")).as_chunks().0;
const TOKEN_BITS: u32 = 18;
const TOKEN_MASK: u32 = (1 << TOKEN_BITS) - 1;
const FINGERPRINT_BITS: u32 = 6;

/// The number of tokens; a test checks it.
pub(super) const TOKENS: u32 = 199_998;
/// The length in bytes of the longest token; a test checks it.
const TOKEN_LEN_MAX: usize = 128;

/// The token with these bytes.
pub(super) fn token_of(bytes: &[u8]) -> Option<u32> {
    if bytes.len() > TOKEN_LEN_MAX {
        return None;
    }
    let hash = XxHash3_64::oneshot(bytes);
    let fingerprint = (hash >> (64 - FINGERPRINT_BITS)) as u32;
    let mut index = hash as usize % SLOTS.len();
    loop {
        let [low, middle, high] = *SLOTS.get(index)?;
        let slot = u32::from_le_bytes([low, middle, high, 0]);
        let token = (slot & TOKEN_MASK).checked_sub(1)?;
        if slot >> TOKEN_BITS == fingerprint && token_bytes(token) == Some(bytes) {
            return Some(token);
        }
        index = (index + 1) % SLOTS.len();
    }
}

/// The bytes of a token; `None` if the vocabulary does not have it.
pub(super) fn token_bytes(token: u32) -> Option<&'static [u8]> {
    let token = token as usize;
    let length = usize::from(*LENGTHS.get(token)?);
    let anchor = u32::from_le_bytes(*ANCHORS.get(token / TOKENS_PER_ANCHOR)?) as usize;
    let before = LENGTHS.get(token - token % TOKENS_PER_ANCHOR..token)?;
    let start = anchor + before.iter().map(|length| usize::from(*length)).sum::<usize>();
    BYTES.get(start..start + length)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn token_of_bytes_of_every_token_returns_it() {
        let mut longest = 0;
        for token in 0..TOKENS {
            let bytes = token_bytes(token).unwrap();
            assert_eq!(token_of(bytes), Some(token));
            longest = longest.max(bytes.len());
        }
        assert_eq!((longest, token_bytes(TOKENS)), (TOKEN_LEN_MAX, None));
    }

    #[test]
    fn token_of_unknown_bytes_is_none() {
        assert_eq!((token_of(b""), token_of(b"qzxjkv"), token_of(&[b' '; 1_000])), (None, None, None));
    }
}
