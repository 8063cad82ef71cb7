//! The cache of analyses.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use moka::{Expiry, sync};
use prometheus_client::{
    encoding::{EncodeLabelSet, EncodeLabelValue},
    metrics::{counter::Counter, family::Family, gauge::Gauge},
    registry::Registry,
};
use serde_json::Value;

/// Bytes of an entry besides its texts: its part of the table, counters, and the surrounding JSON.
const ENTRY_BYTES: usize = 512;

/// The inputs of an analysis.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct CacheKey {
    prompt: String,
    provider: String,
    temperature_bits: u64,
}

impl CacheKey {
    pub(super) fn new(prompt: &str, provider: &str, temperature: f64) -> Self {
        // Normalises -0.0 to 0.0, which are equal.
        let temperature_bits = (temperature + 0.0).to_bits();
        Self { prompt: prompt.to_owned(), provider: provider.to_owned(), temperature_bits }
    }
}

/// An analysis.
#[derive(Clone, Debug)]
pub(super) struct Analysis {
    /// In JSON, as sent to clients.
    pub(super) data: Arc<Value>,
    /// The length of its text, in bytes.
    pub(super) text_len: usize,
}

#[derive(Clone, Debug)]
struct CachedAnalysis {
    analysis: Analysis,
    ttl: Duration,
}

/// A bounded cache of analyses, which evicts rarely used ones.
#[derive(Debug)]
pub(super) struct Cache {
    entries: sync::Cache<CacheKey, CachedAnalysis>,
    hits: AtomicU64,
    misses: AtomicU64,
    lookups: Family<LookupLabels, Counter>,
    hit_rate: Gauge<f64, AtomicU64>,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct LookupLabels {
    result: LookupResult,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EncodeLabelValue)]
enum LookupResult {
    Hit,
    Miss,
}

/// Statistics of a cache.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct CacheStats {
    pub(super) hits: u64,
    pub(super) misses: u64,
    pub(super) entries: u64,
    /// Bytes of all entries.
    pub(super) size: u64,
}

/// Each entry has the lifetime of its request.
struct PerEntryTtl;

impl Expiry<CacheKey, CachedAnalysis> for PerEntryTtl {
    fn expire_after_create(&self, _: &CacheKey, kept: &CachedAnalysis, _: Instant) -> Option<Duration> {
        Some(kept.ttl)
    }

    fn expire_after_update(
        &self,
        _: &CacheKey,
        kept: &CachedAnalysis,
        _: Instant,
        _: Option<Duration>,
    ) -> Option<Duration> {
        Some(kept.ttl)
    }
}

impl Cache {
    /// Returns a cache of at most `size` bytes.
    pub(super) fn new(size: usize) -> Self {
        let weight = |question: &CacheKey, kept: &CachedAnalysis| {
            let bytes =
                ENTRY_BYTES + question.prompt.len() + question.provider.len() + kept.analysis.text_len;
            u32::try_from(bytes).unwrap_or(u32::MAX)
        };
        let entries = sync::Cache::builder()
            .max_capacity(size as u64)
            .weigher(weight)
            .expire_after(PerEntryTtl)
            .build();
        Self {
            entries,
            hits: AtomicU64::new(0),
            misses: AtomicU64::new(0),
            lookups: Family::default(),
            hit_rate: Gauge::default(),
        }
    }

    /// Returns the analysis, if it is cached and has not expired.
    pub(super) fn find(&self, question: &CacheKey) -> Option<Analysis> {
        let found = self.entries.get(question).map(|kept| kept.analysis);
        self.count(if found.is_some() { LookupResult::Hit } else { LookupResult::Miss });
        found
    }

    /// Caches an analysis for its lifetime.
    pub(super) fn keep(&self, question: CacheKey, analysis: Analysis, ttl: Duration) {
        self.entries.insert(question, CachedAnalysis { analysis, ttl });
    }

    /// Removes all entries, and sets the statistics to zero; returns the number of entries.
    pub(super) fn clear(&self) -> u64 {
        let CacheStats { entries, .. } = self.stats();
        self.entries.invalidate_all();
        self.entries.run_pending_tasks();
        self.hits.store(0, Ordering::Relaxed);
        self.misses.store(0, Ordering::Relaxed);
        self.hit_rate.set(0.0);
        entries
    }

    /// Registers the lookups since the start, of which a monitor computes the hit rate.
    pub(super) fn register(&self, registry: &mut Registry) {
        let lookups = "Lookups in the cache of analyses since the start, by result";
        registry.register("cache_lookups", lookups, self.lookups.clone());
        registry.register(
            "cache_hit_rate",
            "Share of lookups that were hits since the cache was last cleared",
            self.hit_rate.clone(),
        );
    }

    fn count(&self, result: LookupResult) {
        self.lookups.get_or_create(&LookupLabels { result }).inc();
        let counter = if result == LookupResult::Hit { &self.hits } else { &self.misses };
        counter.fetch_add(1, Ordering::Relaxed);
        let (hits, misses) = (self.hits.load(Ordering::Relaxed), self.misses.load(Ordering::Relaxed));
        self.hit_rate.set(hit_rate(hits, misses));
    }

    pub(super) fn stats(&self) -> CacheStats {
        // Recent insertions and expirations are counted only after this.
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
    /// The share of cache hits; 0 before the first lookup.
    pub(super) fn hit_rate(&self) -> f64 {
        hit_rate(self.hits, self.misses)
    }
}

fn hit_rate(hits: u64, misses: u64) -> f64 {
    let lookups = hits + misses;
    if lookups == 0 { 0.0 } else { hits as f64 / lookups as f64 }
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
    fn get_finds_by_prompt_provider_and_temperature() {
        let cache = Cache::new(1 << 20);
        cache.keep(CacheKey::new("why?", "openai", 0.0), analysis(10), HOUR);
        assert!(cache.find(&CacheKey::new("why?", "openai", -0.0)).is_some());
        for (prompt, provider, temperature) in
            [("why", "openai", 0.0), ("why?", "gemini", 0.0), ("why?", "openai", 0.1)]
        {
            assert!(cache.find(&CacheKey::new(prompt, provider, temperature)).is_none());
        }
        let stats = cache.stats();
        assert_eq!((stats.hits, stats.misses, stats.entries, stats.hit_rate()), (1, 3, 1, 0.25));
        assert_eq!(Cache::new(0).stats().hit_rate(), 0.0);
        assert_eq!(cache.clear(), 1);
        let stats = cache.stats();
        assert_eq!((stats.hits, stats.misses, stats.entries, stats.size), (0, 0, 0, 0));
    }

    #[test]
    fn insert_keeps_the_cache_within_its_size() {
        let cache = Cache::new(100_000);
        for index in 0..1_000 {
            cache.keep(CacheKey::new(&index.to_string(), "openai", 0.0), analysis(1_000), HOUR);
        }
        let stats = cache.stats();
        assert!(stats.size <= 100_000 && (1..=66).contains(&stats.entries), "{stats:?}");
        // An entry above the size of the cache is not stored.
        let large = CacheKey::new(&"x".repeat(200_000), "openai", 0.0);
        cache.keep(large.clone(), analysis(0), HOUR);
        cache.stats();
        assert!(cache.find(&large).is_none());
    }

    #[test]
    fn get_of_expired_entry_is_none() {
        let cache = Cache::new(1 << 20);
        let question = CacheKey::new("why?", "openai", 0.0);
        cache.keep(question.clone(), analysis(1), Duration::from_nanos(1));
        assert!(cache.find(&question).is_none());
        // A replaced entry has the new lifetime.
        cache.keep(question.clone(), analysis(1), HOUR);
        assert!(cache.find(&question).is_some());
    }
}
