//! The prompt cache, as far as usage reports it: which prefixes of a prompt were read before.

use std::{
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

use quick_cache::unsync::Cache;

/// Maximum cached prefixes. A full table evicts one for a new one, a rarely read one first.
const PREFIXES_MAX: usize = 65_536;
/// A shorter prefix is not cached (the provider's limit for most models).
const TOKENS_MIN: u32 = 1_024;
/// The number of blocks before a breakpoint that are searched for a cached prefix, as by the provider.
const LOOKBACK_BLOCKS: usize = 20;

/// The lifetime of a cached prefix after its last read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ttl {
    FiveMinutes,
    OneHour,
}

impl Ttl {
    const fn duration(self) -> Duration {
        match self {
            Self::FiveMinutes => Duration::from_secs(5 * 60),
            Self::OneHour => Duration::from_secs(60 * 60),
        }
    }
}

/// The end of a block of a prompt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct BlockEnd {
    /// Tokens of the prompt up to here.
    pub(super) tokens: u32,
    /// Hash of the prompt up to here.
    pub(super) hash: u64,
    /// Whether the prefix up to here is to be cached.
    pub(super) cache: Option<Ttl>,
}

/// Cache reads and writes of a request, in tokens.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct CacheUsage {
    pub(super) read: u32,
    pub(super) created_5m: u32,
    pub(super) created_1h: u32,
}

impl CacheUsage {
    pub(super) const fn created(self) -> u32 {
        self.created_5m.saturating_add(self.created_1h)
    }
}

/// The cached prefixes of prompts, by their hashes.
#[derive(Debug)]
pub(crate) struct PrefixTable {
    prefixes: Mutex<Cache<u64, Prefix>>,
}

impl Default for PrefixTable {
    fn default() -> Self {
        Self { prefixes: Mutex::new(Cache::new(PREFIXES_MAX)) }
    }
}

#[derive(Clone, Copy, Debug)]
struct Prefix {
    ttl: Ttl,
    until: Instant,
}

impl PrefixTable {
    /// Looks up a prompt whose blocks end at `block_ends`, and caches it.
    pub(super) fn pass(&self, block_ends: &[BlockEnd], now: Instant) -> CacheUsage {
        let breakpoints = |mark: &&BlockEnd| mark.cache.is_some() && mark.tokens >= TOKENS_MIN;
        if !block_ends.iter().any(|mark| breakpoints(&mark)) {
            return CacheUsage::default();
        }
        let mut prefixes = self.prefixes.lock().unwrap_or_else(PoisonError::into_inner);
        let mut cached =
            CacheUsage { read: longest(&mut prefixes, block_ends, now), ..CacheUsage::default() };
        let mut known = cached.read;
        for mark in block_ends.iter().filter(breakpoints) {
            let Some(ttl) = mark.cache.filter(|_| mark.tokens > known) else { continue };
            let created = mark.tokens - known;
            match ttl {
                Ttl::FiveMinutes => cached.created_5m += created,
                Ttl::OneHour => cached.created_1h += created,
            }
            known = mark.tokens;
            prefixes.insert(mark.hash, Prefix { ttl, until: now + ttl.duration() });
        }
        cached
    }
}

/// Returns the tokens of the longest cached prefix, and renews its lifetime.
fn longest(prefixes: &mut Cache<u64, Prefix>, block_ends: &[BlockEnd], now: Instant) -> u32 {
    let mut reach = 0;
    for mark in block_ends.iter().rev() {
        reach = if mark.cache.is_some() { LOOKBACK_BLOCKS } else { reach };
        if reach == 0 {
            continue;
        }
        reach -= 1;
        if let Some(prefix) = prefixes.get(&mark.hash).copied().filter(|prefix| prefix.until > now) {
            prefixes.insert(mark.hash, Prefix { until: now + prefix.ttl.duration(), ..prefix });
            return mark.tokens;
        }
    }
    0
}

#[cfg(test)]
mod tests {
    use super::*;

    const FIVE: Option<Ttl> = Some(Ttl::FiveMinutes);
    const HOUR: Option<Ttl> = Some(Ttl::OneHour);

    fn mark(tokens: u32, cache: Option<Ttl>) -> BlockEnd {
        BlockEnd { tokens, hash: tokens.into(), cache }
    }

    fn cached(read: u32, created_5m: u32, created_1h: u32) -> CacheUsage {
        CacheUsage { read, created_5m, created_1h }
    }

    fn later(start: Instant, minutes: u64) -> Instant {
        start + Duration::from_secs(60 * minutes)
    }

    #[test]
    fn pass_of_a_cached_prefix_reads_until_it_expires() {
        let (table, start) = (PrefixTable::default(), Instant::now());
        let block_ends = [mark(1_500, None), mark(2_000, FIVE)];
        assert_eq!(table.pass(&block_ends, start), cached(0, 2_000, 0));
        assert_eq!(table.pass(&block_ends, later(start, 4)), cached(2_000, 0, 0));
        // It lives five minutes from the last read.
        assert_eq!(table.pass(&block_ends, later(start, 8)), cached(2_000, 0, 0));
        assert_eq!(table.pass(&block_ends, later(start, 13)), cached(0, 2_000, 0));
    }

    #[test]
    fn pass_of_a_longer_conversation_reads_the_earlier_prefix() {
        let (table, start) = (PrefixTable::default(), Instant::now());
        assert_eq!(table.pass(&[mark(1_100, HOUR), mark(1_600, FIVE)], start), cached(0, 500, 1_100));
        let longer = [mark(1_100, HOUR), mark(1_600, None), mark(1_700, None), mark(1_900, FIVE)];
        assert_eq!(table.pass(&longer, start), cached(1_600, 300, 0));
        assert_eq!(table.pass(&longer, later(start, 30)), cached(1_100, 800, 0));
    }

    #[test]
    fn pass_of_short_or_unmarked_prefixes_caches_nothing() {
        let (table, start) = (PrefixTable::default(), Instant::now());
        for block_ends in [[mark(900, FIVE), mark(1_000, FIVE)], [mark(900, FIVE), mark(5_000, None)]] {
            assert_eq!(table.pass(&block_ends, start), CacheUsage::default());
            assert_eq!(table.pass(&block_ends, start), CacheUsage::default());
        }
    }

    #[test]
    fn pass_ignores_blocks_far_before_a_breakpoint() {
        let (table, start) = (PrefixTable::default(), Instant::now());
        table.pass(&[mark(2_000, FIVE)], start);
        let blocks = |count: u32| -> Vec<BlockEnd> {
            let mut block_ends: Vec<BlockEnd> = (0..count).map(|block| mark(2_000 + block, None)).collect();
            block_ends.push(mark(9_000 + count, FIVE));
            block_ends
        };
        assert_eq!(table.pass(&blocks(19), start).read, 2_000);
        assert_eq!(table.pass(&blocks(20), start).read, 0);
    }

    #[test]
    fn pass_more_prefixes_than_fit_keeps_read_prefix() {
        let (table, start) = (PrefixTable::default(), Instant::now());
        let read = [BlockEnd { hash: u64::MAX, ..mark(2_000, FIVE) }];
        table.pass(&read, start);
        table.pass(&read, start);
        for tokens in 0..PREFIXES_MAX as u32 + 10 {
            table.pass(&[mark(TOKENS_MIN + tokens, FIVE)], start);
        }
        assert_eq!(table.pass(&read, start), cached(2_000, 0, 0));
        assert!(table.prefixes.lock().unwrap().len() <= PREFIXES_MAX);
    }
}
