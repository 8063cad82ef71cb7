//! Unique ids.

use std::sync::atomic::{AtomicU64, Ordering};

use weir_pace::Seed;

/// A source of unique ids.
#[derive(Debug)]
pub struct Ids {
    base: Seed,
    next: AtomicU64,
}

impl Ids {
    /// Returns ids that differ from those of servers started at another instant or by another process.
    pub(crate) fn new() -> Self {
        let started = std::time::SystemTime::now()
            .duration_since(std::time::UNIX_EPOCH)
            .map_or(0, |since| since.as_nanos() as u64);
        Self { base: Seed::new(started).derive(u64::from(std::process::id())), next: AtomicU64::new(0) }
    }

    /// Returns 24 hexadecimal digits that this server has not returned before.
    pub fn next(&self) -> String {
        let count = self.next.fetch_add(1, Ordering::Relaxed);
        let number = u128::from(self.base.derive(count).get()) << 32 | u128::from(count as u32);
        let digit =
            |place: u32| char::from_digit((number >> (4 * place)) as u32 & 0xf, 16).unwrap_or_default();
        (0..24).rev().map(digit).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn next_many_times_yields_distinct_ids() {
        let ids = Ids::new();
        let all: std::collections::HashSet<String> = (0..10_000).map(|_| ids.next()).collect();
        assert_eq!(all.len(), 10_000);
        let is_good = |id: &String| id.len() == 24 && id.bytes().all(|digit| digit.is_ascii_hexdigit());
        assert!(all.iter().all(is_good));
    }
}
