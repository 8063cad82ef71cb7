//! The KV cache of a replica: blocks in use, and unused blocks that may still hold a part of a prompt.

use std::collections::HashMap;

/// No block.
const NONE: u32 = u32::MAX;

/// The blocks of a replica. A block without users keeps its content until another one needs it: the one that has been
/// unused longest is taken first.
#[derive(Debug)]
pub(super) struct KvCache {
    total: u32,
    /// Blocks that have been used so far.
    blocks: Vec<Block>,
    /// Blocks in use.
    used: u32,
    /// The ends of the list of unused blocks of `blocks`.
    oldest: u32,
    newest: u32,
    /// Blocks with a part of a prompt, by its key.
    cached: HashMap<u64, u32>,
}

#[derive(Debug)]
struct Block {
    users: u32,
    key: Option<u64>,
    /// Neighbours in the list of unused blocks.
    older: u32,
    newer: u32,
}

impl KvCache {
    pub(super) fn new(total: u32) -> Self {
        Self { total, blocks: Vec::new(), used: 0, oldest: NONE, newest: NONE, cached: HashMap::new() }
    }

    /// The number of blocks that are not in use.
    pub(super) const fn free(&self) -> u32 {
        self.total - self.used
    }

    /// The number of blocks in use.
    pub(super) const fn used(&self) -> u32 {
        self.used
    }

    /// The share of blocks in use.
    pub(super) fn usage(&self) -> f64 {
        f64::from(self.used) / f64::from(self.total)
    }

    /// Whether a block with this key is there.
    pub(super) fn has(&self, key: u64) -> bool {
        self.cached.contains_key(&key)
    }

    /// Takes a block for a user; `None` if all are in use.
    pub(super) fn take(&mut self) -> Option<u32> {
        if self.free() == 0 {
            return None;
        }
        self.used += 1;
        if (self.blocks.len() as u32) < self.total {
            self.blocks.push(Block { users: 1, key: None, older: NONE, newer: NONE });
            return Some(self.blocks.len() as u32 - 1);
        }
        let id = self.oldest;
        self.unlink(id);
        let block = self.block(id);
        block.users = 1;
        if let Some(key) = block.key.take() {
            self.cached.remove(&key);
        }
        Some(id)
    }

    /// Adds a user to the block with this key, if there is one.
    pub(super) fn take_cached(&mut self, key: u64) -> Option<u32> {
        let id = *self.cached.get(&key)?;
        let block = self.block(id);
        block.users += 1;
        if block.users == 1 {
            self.used += 1;
            self.unlink(id);
        }
        Some(id)
    }

    /// Whether a block with this key is in use.
    pub(super) fn is_used(&self, key: u64) -> bool {
        let block = self.cached.get(&key).and_then(|id| self.blocks.get(*id as usize));
        block.is_some_and(|block| block.users > 0)
    }

    /// Gives the block a key, unless another block has it or it has one already.
    pub(super) fn set_key(&mut self, id: u32, key: u64) {
        if self.block(id).key.is_none() && !self.cached.contains_key(&key) {
            self.block(id).key = Some(key);
            self.cached.insert(key, id);
        }
    }

    /// Removes a user of each of `blocks`; the last ones count as unused longest.
    pub(super) fn release(&mut self, blocks: &mut Vec<u32>) {
        while let Some(id) = blocks.pop() {
            let block = self.block(id);
            block.users -= 1;
            if block.users == 0 {
                self.used -= 1;
                self.link_newest(id);
            }
        }
    }

    fn link_newest(&mut self, id: u32) {
        let before = std::mem::replace(&mut self.newest, id);
        let block = self.block(id);
        (block.older, block.newer) = (before, NONE);
        if before == NONE {
            self.oldest = id;
        } else {
            self.block(before).newer = id;
        }
    }

    fn unlink(&mut self, id: u32) {
        let block = self.block(id);
        let (older, newer) = (block.older, block.newer);
        (block.older, block.newer) = (NONE, NONE);
        match older {
            NONE => self.oldest = newer,
            _ => self.block(older).newer = newer,
        }
        match newer {
            NONE => self.newest = older,
            _ => self.block(newer).older = older,
        }
    }

    #[expect(clippy::indexing_slicing, reason = "ids are indices of blocks, which are never removed")]
    fn block(&mut self, id: u32) -> &mut Block {
        &mut self.blocks[id as usize]
    }

    /// Checks that counts and list agree with the users of the blocks.
    #[cfg(test)]
    pub(super) fn assert_consistent(&self) {
        let used = self.blocks.iter().filter(|block| block.users > 0).count();
        assert_eq!(used, self.used as usize);
        assert!(self.used <= self.total && self.blocks.len() <= self.total as usize);
        let (mut listed, mut id, mut before) = (0, self.oldest, NONE);
        while id != NONE {
            let block = &self.blocks[id as usize];
            assert_eq!((block.users, block.older), (0, before));
            listed += 1;
            (before, id) = (id, block.newer);
        }
        assert_eq!((listed, self.newest), (self.blocks.len() - used, before));
        for (key, id) in &self.cached {
            assert_eq!(self.blocks[*id as usize].key, Some(*key));
        }
        let keyed = self.blocks.iter().filter(|block| block.key.is_some()).count();
        assert_eq!(keyed, self.cached.len());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn take_evicts_the_block_that_is_unused_longest() {
        let mut cache = KvCache::new(3);
        let mut blocks: Vec<u32> = (0..3).map(|_| cache.take().unwrap()).collect();
        assert_eq!(cache.take(), None);
        for (id, key) in blocks.iter().zip([10, 11, 12]) {
            cache.set_key(*id, key);
        }
        cache.release(&mut blocks);
        // The end of a prompt goes first: without it, its beginning is still of use.
        let taken = cache.take().unwrap();
        assert_eq!([10, 11, 12].map(|key| cache.has(key)), [true, true, false]);
        assert_eq!(cache.take_cached(10).map(|id| id == taken), Some(false));
        assert_eq!((cache.used(), cache.free(), cache.is_used(10), cache.is_used(11)), (2, 1, true, false));
        cache.assert_consistent();
    }

    proptest! {
        #[test]
        fn blocks_never_leak_and_never_exceed_the_total(
            total in 1_u32..20,
            steps in prop::collection::vec((0_u8..4, 0_u64..12, 0_usize..8), 0..200),
        ) {
            let mut cache = KvCache::new(total);
            let mut users: Vec<Vec<u32>> = Vec::new();
            for (kind, key, which) in steps {
                match kind {
                    0 => if let Some(id) = cache.take() { users.push(vec![id]) },
                    1 => if let Some(id) = cache.take_cached(key) { users.push(vec![id]) },
                    2 => if let Some(ids) = users.get(which) { cache.set_key(ids[0], key) },
                    _ => if which < users.len() { cache.release(&mut users.swap_remove(which)) },
                }
                cache.assert_consistent();
                let held: std::collections::BTreeSet<u32> = users.iter().flatten().copied().collect();
                prop_assert_eq!(held.len() as u32, cache.used());
            }
            users.iter_mut().for_each(|ids| cache.release(ids));
            cache.assert_consistent();
            prop_assert_eq!(cache.free(), total);
        }
    }
}
