//! Hashes of the beginning of a prompt, by which engines find blocks that are cached already.

use twox_hash::XxHash3_64;

/// The bytes of text that a hash covers, for each token of a block. Text has about 4 bytes a token: with twice as many, a
/// chunk rarely has less than a block.
const BYTES_PER_BLOCK_TOKEN: usize = 8;
/// Maximum bytes of a prompt that are hashed.
const PROMPT_BYTES_MAX: usize = 4 << 20;

/// Hashes of a prompt up to the end of each of its chunks, which have the same number of tokens. Two prompts with the same
/// hash begin alike.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PromptPrefix {
    hashes: Box<[u64]>,
    tokens_per_hash: f64,
}

/// The identity of a KV block of a prompt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct BlockKey {
    /// The hash of the chunk in which the block ends.
    chunk: u64,
    /// The number of blocks before it that end in the same chunk.
    repeat: u32,
}

impl BlockKey {
    pub(super) const fn id(self) -> u64 {
        self.chunk.wrapping_add((self.repeat as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15))
    }

    /// The first block of the same chunk: if it is cached, a prompt with this beginning was computed.
    pub(super) const fn first_of_chunk(self) -> u64 {
        self.chunk
    }
}

impl PromptPrefix {
    /// Hashes of chunks of `tokens_per_hash` tokens each; each hash covers all chunks up to here.
    pub const fn new(hashes: Box<[u64]>, tokens_per_hash: f64) -> Self {
        Self { hashes, tokens_per_hash }
    }

    /// Hashes the text of a prompt of `tokens` tokens, given in `parts`, for blocks of `block_size` tokens. The tokens are
    /// taken to be distributed evenly.
    pub fn of_text(parts: &[&[u8]], tokens: u32, block_size: u32) -> Self {
        let bytes: usize = parts.iter().map(|part| part.len()).sum();
        let chunk_bytes = block_size as usize * BYTES_PER_BLOCK_TOKEN;
        let mut hashes = Vec::with_capacity(bytes.min(PROMPT_BYTES_MAX) / chunk_bytes);
        let (mut hash, mut left) = (0, PROMPT_BYTES_MAX);
        // A chunk does not extend over two parts, unless the second is the rest of a text.
        for part in parts {
            let part = part.get(..left).unwrap_or(part);
            left -= part.len();
            for chunk in part.chunks(chunk_bytes) {
                hash = XxHash3_64::oneshot_with_seed(hash, chunk);
                if chunk.len() == chunk_bytes {
                    hashes.push(hash);
                }
            }
        }
        let tokens_per_hash = f64::from(tokens) * chunk_bytes as f64 / bytes.max(1) as f64;
        Self { hashes: hashes.into(), tokens_per_hash }
    }

    /// The keys of the full blocks of `block_size` tokens of a prompt of `tokens` tokens.
    pub(super) fn block_keys(&self, tokens: u32, block_size: u32) -> Box<[BlockKey]> {
        let mut keys: Vec<BlockKey> = Vec::new();
        for block in 1..=tokens / block_size {
            let last_token = f64::from(block * block_size - 1);
            let chunk = self.hashes.get((last_token / self.tokens_per_hash) as usize);
            let Some(chunk) = chunk.copied() else { break };
            let before = keys.last().filter(|before| before.chunk == chunk);
            keys.push(BlockKey { chunk, repeat: before.map_or(0, |before| before.repeat + 1) });
        }
        keys.into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(text: &str, tokens: u32) -> Vec<u64> {
        let prefix = PromptPrefix::of_text(&[text.as_bytes()], tokens, 16);
        prefix.block_keys(tokens, 16).iter().map(|key| key.id()).collect()
    }

    #[test]
    fn block_keys_of_a_longer_text_begin_with_those_of_the_shorter() {
        let text: String = (0..400).map(|word| format!("word{word:04} ")).collect();
        let whole = keys(&text, 900);
        // The last chunk is not whole.
        assert!((54..=56).contains(&whole.len()), "{}", whole.len());
        let half = keys(text.get(..1_800).unwrap(), 450);
        assert!(whole.starts_with(&half) && half.len() >= 24, "{}", half.len());
        let other = keys(&text.replacen("word0100", "word9999", 1), 900);
        assert_eq!(whole.iter().zip(&other).take_while(|(one, two)| one == two).count(), 14);
    }

    #[test]
    fn block_keys_are_distinct_and_only_of_full_blocks() {
        let prefix = PromptPrefix::new([7, 8, 9].into(), 40.0);
        let keys = prefix.block_keys(119, 16);
        let distinct: std::collections::HashSet<u64> = keys.iter().map(|key| key.id()).collect();
        assert_eq!((keys.len(), distinct.len()), (7, 7));
        let chunks: Vec<u64> = keys.iter().map(|key| key.first_of_chunk()).collect();
        assert_eq!(chunks, [7, 7, 8, 8, 8, 9, 9]);
        assert!(prefix.block_keys(15, 16).is_empty());
        assert!(PromptPrefix::default().block_keys(1_000, 16).is_empty());
    }
}
