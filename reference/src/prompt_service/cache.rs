//! Analyses that are kept for a while.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use moka::{Expiry, sync};
use serde_json::Value;

/// What an entry takes beside its texts, in bytes: its part of the table, counters, and the JSON around.
const ENTRY_BYTES: usize = 512;

/// What an analysis depends on.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Question {
    prompt: String,
    provider: String,
    temperature_bits: u64,
}

impl Question {
    pub(super) fn new(prompt: &str, provider: &str, temperature: f64) -> Self {
        // There are two zeros, which are equal.
        let temperature_bits = (temperature + 0.0).to_bits();
        Self { prompt: prompt.to_owned(), provider: provider.to_owned(), temperature_bits }
    }
}

/// An analysis.
#[derive(Clone, Debug)]
pub(super) struct Analysis {
    /// As clients read it.
    pub(super) data: Arc<Value>,
    /// The length of its text, in bytes.
    pub(super) text_len: usize,
}

#[derive(Clone, Debug)]
struct Kept {
    analysis: Analysis,
    ttl: Duration,
}

/// Keeps analyses, the most useful ones when there is no room for all.
#[derive(Debug)]
pub(super) struct Cache {
    entries: sync::Cache<Question, Kept>,
    hits: AtomicU64,
    misses: AtomicU64,
}

/// How a cache has done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct CacheStats {
    pub(super) hits: u64,
    pub(super) misses: u64,
    pub(super) entries: u64,
    /// What the entries take, in bytes.
    pub(super) size: u64,
}

/// Each entry has the lifetime that its request asked for.
struct OwnTtl;

impl Expiry<Question, Kept> for OwnTtl {
    fn expire_after_create(&self, _: &Question, kept: &Kept, _: Instant) -> Option<Duration> {
        Some(kept.ttl)
    }

    fn expire_after_update(
        &self,
        _: &Question,
        kept: &Kept,
        _: Instant,
        _: Option<Duration>,
    ) -> Option<Duration> {
        Some(kept.ttl)
    }
}

impl Cache {
    /// A cache whose entries take at most `size` bytes.
    pub(super) fn new(size: usize) -> Self {
        let weight = |question: &Question, kept: &Kept| {
            let bytes =
                ENTRY_BYTES + question.prompt.len() + question.provider.len() + kept.analysis.text_len;
            u32::try_from(bytes).unwrap_or(u32::MAX)
        };
        let entries =
            sync::Cache::builder().max_capacity(size as u64).weigher(weight).expire_after(OwnTtl).build();
        Self { entries, hits: AtomicU64::new(0), misses: AtomicU64::new(0) }
    }

    /// The analysis, if it is kept still.
    pub(super) fn find(&self, question: &Question) -> Option<Analysis> {
        let found = self.entries.get(question).map(|kept| kept.analysis);
        let counter = if found.is_some() { &self.hits } else { &self.misses };
        counter.fetch_add(1, Ordering::Relaxed);
        found
    }

    /// Keeps an analysis for so long.
    pub(super) fn keep(&self, question: Question, analysis: Analysis, ttl: Duration) {
        self.entries.insert(question, Kept { analysis, ttl });
    }

    pub(super) fn stats(&self) -> CacheStats {
        // What was put in or has run out a moment ago is not counted before.
        self.entries.run_pending_tasks();
        CacheStats {
            hits: self.hits.load(Ordering::Relaxed),
            misses: self.misses.load(Ordering::Relaxed),
            entries: self.entries.entry_count(),
            size: self.entries.weighted_size(),
        }
    }
}

impl CacheStats {
    /// The share of questions that were answered from the cache; 0 before the first.
    pub(super) fn hit_rate(&self) -> f64 {
        let asked = self.hits + self.misses;
        if asked == 0 { 0.0 } else { self.hits as f64 / asked as f64 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const HOUR: Duration = Duration::from_secs(3_600);

    fn analysis(text_len: usize) -> Analysis {
        Analysis { data: Arc::new(json!({"intent": "question"})), text_len }
    }

    #[test]
    fn an_analysis_is_found_by_prompt_provider_and_temperature() {
        let cache = Cache::new(1 << 20);
        cache.keep(Question::new("why?", "openai", 0.0), analysis(10), HOUR);
        assert!(cache.find(&Question::new("why?", "openai", -0.0)).is_some());
        for (prompt, provider, temperature) in
            [("why", "openai", 0.0), ("why?", "gemini", 0.0), ("why?", "openai", 0.1)]
        {
            assert!(cache.find(&Question::new(prompt, provider, temperature)).is_none());
        }
        let stats = cache.stats();
        assert_eq!((stats.hits, stats.misses, stats.entries, stats.hit_rate()), (1, 3, 1, 0.25));
        assert_eq!(Cache::new(0).stats().hit_rate(), 0.0);
    }

    #[test]
    fn what_is_kept_takes_no_more_than_its_size() {
        let cache = Cache::new(100_000);
        for index in 0..1_000 {
            cache.keep(Question::new(&index.to_string(), "openai", 0.0), analysis(1_000), HOUR);
        }
        let stats = cache.stats();
        assert!(stats.size <= 100_000 && (1..=66).contains(&stats.entries), "{stats:?}");
        // One that does not fit by itself is not kept at all.
        let large = Question::new(&"x".repeat(200_000), "openai", 0.0);
        cache.keep(large.clone(), analysis(0), HOUR);
        cache.stats();
        assert!(cache.find(&large).is_none());
    }

    #[test]
    fn what_has_run_out_is_gone() {
        let cache = Cache::new(1 << 20);
        let question = Question::new("why?", "openai", 0.0);
        cache.keep(question.clone(), analysis(1), Duration::from_nanos(1));
        assert!(cache.find(&question).is_none());
        // Kept anew, it has the new lifetime.
        cache.keep(question.clone(), analysis(1), HOUR);
        assert!(cache.find(&question).is_some());
    }
}
