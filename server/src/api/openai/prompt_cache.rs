//! The prompt cache, as far as usage reports it: how much of a prompt begins like an earlier one.

use std::{
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

use quick_cache::unsync::Cache;
use twox_hash::XxHash3_64;

use crate::api::prompt_parts::prompt_parts;

/// Maximum remembered prefixes. A full table evicts one for a new one, a rarely read one first.
const PREFIXES_MAX: usize = 65_536;
/// Shorter prompts are not cached, and cached tokens are a multiple of the step (the provider's guide to prompt
/// caching).
const TOKENS_MIN: u32 = 1_024;
const TOKENS_STEP: u32 = 128;
/// How long a prefix is cached after its last use.
const LIFETIME: Duration = Duration::from_secs(10 * 60);
/// The bytes between the prefixes that are compared: about as many as a step has.
const CHUNK_BYTES: usize = 512;
/// Maximum bytes of a prompt that are compared.
const PROMPT_BYTES_MAX: usize = 4 << 20;

/// The prefixes of earlier prompts, by their hashes.
#[derive(Debug)]
pub(super) struct PromptCache {
    /// Until when each is cached.
    prefixes: Mutex<Cache<u64, Instant>>,
}

impl Default for PromptCache {
    fn default() -> Self {
        Self { prefixes: Mutex::new(Cache::new(PREFIXES_MAX)) }
    }
}

impl PromptCache {
    /// Returns the cached tokens of the prompt of `body`, which has `tokens` tokens, and caches it.
    pub(super) fn pass(&self, model: &str, body: &[u8], tokens: u32, now: Instant) -> u32 {
        if tokens < TOKENS_MIN {
            return 0;
        }
        let (hashes, bytes) = prefixes(model, &prompt_parts(body));
        let mut known = self.prefixes.lock().unwrap_or_else(PoisonError::into_inner);
        let is_cached = |hash: &&u64| known.get(*hash).is_some_and(|until| *until > now);
        let cached = hashes.iter().take_while(is_cached).count();
        for hash in hashes {
            known.insert(hash, now + LIFETIME);
        }
        // The tokens are taken to be distributed evenly.
        let share = (cached * CHUNK_BYTES).min(bytes) as f64 / bytes.max(1) as f64;
        in_steps((f64::from(tokens) * share) as u32)
    }
}

/// The number of cached tokens of a prefix of `tokens` tokens.
pub(super) const fn in_steps(tokens: u32) -> u32 {
    if tokens < TOKENS_MIN { 0 } else { tokens - tokens % TOKENS_STEP }
}

/// Returns the hashes of the prompt up to each chunk, and its bytes.
fn prefixes(model: &str, parts: &[&[u8]]) -> (Vec<u64>, usize) {
    let mut hash = XxHash3_64::oneshot(model.as_bytes());
    let mut hashes = Vec::new();
    let bytes: usize = parts.iter().map(|part| part.len()).sum();
    let mut left = PROMPT_BYTES_MAX;
    for part in parts {
        let part = part.get(..left).unwrap_or(part);
        left -= part.len();
        for chunk in part.chunks(CHUNK_BYTES) {
            hash = XxHash3_64::oneshot_with_seed(hash, chunk);
            hashes.push(hash);
        }
    }
    (hashes, bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn body(words: usize, question: &str) -> String {
        let prompt: Vec<String> = (0..words).map(|word| format!("word{word:04}")).collect();
        format!(
            r#"{{"model":"m","messages":[{{"role":"user","content":"{} {question}"}}],"n":1}}"#,
            prompt.join(" ")
        )
    }

    #[test]
    fn pass_of_a_long_prompt_again_reads_it_in_steps() {
        let (cache, now) = (PromptCache::default(), Instant::now());
        let body = body(1_000, "Why?");
        assert_eq!(cache.pass("m", body.as_bytes(), 1_500, now), 0);
        assert_eq!(cache.pass("m", body.as_bytes(), 1_500, now), 1_408);
        assert_eq!(cache.pass("other", body.as_bytes(), 1_500, now), 0);
        assert_eq!(cache.pass("m", body.as_bytes(), 1_500, now + LIFETIME), 0);
    }

    #[test]
    fn pass_of_a_prompt_that_begins_alike_reads_its_beginning() {
        let (cache, now) = (PromptCache::default(), Instant::now());
        assert_eq!(cache.pass("m", body(1_000, "Why?").as_bytes(), 2_000, now), 0);
        let read = cache.pass("m", body(1_000, "How deep is it there, and why?").as_bytes(), 2_010, now);
        assert!(read >= 1_792 && read % TOKENS_STEP == 0, "{read}");
    }

    #[test]
    fn pass_of_a_short_prompt_caches_nothing() {
        let (cache, now) = (PromptCache::default(), Instant::now());
        for _ in 0..2 {
            assert_eq!(cache.pass("m", body(500, "Why?").as_bytes(), 1_023, now), 0);
        }
        assert_eq!(cache.prefixes.lock().unwrap().len(), 0);
    }
}
