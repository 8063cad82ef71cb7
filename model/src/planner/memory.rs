//! Answers that have been said before.

use std::{
    hash::{DefaultHasher, Hash as _, Hasher as _},
    sync::{Mutex, PoisonError},
};

use quick_cache::{Weighter, unsync::Cache};

use super::{GenerationRequest, Reply, ResponseMode};

/// Limits of the answers that are kept: their number and bytes. Where a new one does not fit, rarely used ones are
/// evicted until it does.
const REPLIES_MAX: usize = 4_096;
const BYTES_MAX: usize = 32 << 20;
/// One that is larger is not kept.
const REPLY_BYTES_MAX: usize = 1 << 20;
/// What one takes besides its texts.
const REPLY_BYTES: usize = 512;

/// Answers that are made of texts of somebody's own: their tokens are looked for once.
#[derive(Debug)]
pub(super) struct Memory {
    kept: Mutex<Cache<Key, Reply, BySize>>,
}

/// Weighs at least an equal share of all bytes, so that the number of answers is bounded too.
#[derive(Clone, Debug)]
struct BySize;

impl Weighter<Key, Reply> for BySize {
    fn weight(&self, _: &Key, reply: &Reply) -> u64 {
        bytes(reply).max(BYTES_MAX / REPLIES_MAX) as u64
    }
}

fn bytes(reply: &Reply) -> usize {
    REPLY_BYTES + reply.content.bytes()
}

impl Default for Memory {
    fn default() -> Self {
        Self { kept: Mutex::new(Cache::with_weighter(REPLIES_MAX, BYTES_MAX as u64, BySize)) }
    }
}

/// All that an answer follows from, besides the seed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Key {
    body: u64,
    asked: u64,
}

impl Key {
    pub(super) fn new(model: &str, says: &ResponseMode, ask: &GenerationRequest<'_>) -> Self {
        let mut hasher = DefaultHasher::new();
        (model, says, ask).hash(&mut hasher);
        Self { body: ask.body, asked: hasher.finish() }
    }
}

impl Memory {
    pub(super) fn get(&self, key: Key) -> Option<Reply> {
        self.kept().get(&key).cloned()
    }

    pub(super) fn keep(&self, key: Key, reply: &Reply) {
        if bytes(reply) <= REPLY_BYTES_MAX {
            self.kept().insert(key, reply.clone());
        }
    }

    fn kept(&self) -> std::sync::MutexGuard<'_, Cache<Key, Reply, BySize>> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::content::{Choice, Content, Finish, Kind, Segment, Text};

    fn reply(text: &str) -> Reply {
        let segment = Segment { kind: Kind::Text, text: Text::given(text, u32::MAX) };
        let choice = Choice { segments: vec![segment], finish: Finish::Stop };
        Reply { content: Content::new(vec![choice]), delay: Duration::ZERO }
    }

    fn key(body: u64) -> Key {
        Key::new("steady", &ResponseMode::Echo, &GenerationRequest { body, ..GenerationRequest::default() })
    }

    #[test]
    fn keys_tell_apart_what_is_asked_and_what_is_said() {
        let other = GenerationRequest { body: 1, max_tokens: Some(3), ..GenerationRequest::default() };
        assert_ne!(key(1), Key::new("steady", &ResponseMode::Echo, &other));
        assert_ne!(
            key(1),
            Key::new(
                "steady",
                &ResponseMode::Natural,
                &GenerationRequest { body: 1, ..GenerationRequest::default() }
            )
        );
        assert_ne!(
            key(1),
            Key::new(
                "fast",
                &ResponseMode::Echo,
                &GenerationRequest { body: 1, ..GenerationRequest::default() }
            )
        );
    }

    #[test]
    fn what_is_kept_stays_bounded() {
        let memory = Memory::default();
        memory.keep(key(0), &reply("Hello there"));
        assert_eq!(memory.get(key(0)), Some(reply("Hello there")));
        let long = reply(&" the".repeat(20_000));
        for body in 1..=1_000 {
            memory.keep(key(body), &long);
            assert!(memory.kept().iter().map(|(_, reply)| bytes(reply)).sum::<usize>() <= BYTES_MAX);
            assert_eq!(memory.get(key(body)).as_ref(), Some(&long));
        }
        let held = |from, to| (from..=to).filter(|body| memory.get(key(*body)).is_some()).count();
        assert!(held(1, 1_000) > 100, "a full memory forgets one answer after the other");
        for body in 0..=2 * REPLIES_MAX as u64 {
            memory.keep(key(body), &reply(""));
        }
        assert!(memory.kept().len() <= REPLIES_MAX);
        assert!(memory.kept().len() > REPLIES_MAX / 2);
    }

    #[test]
    fn what_is_large_is_not_kept() {
        let memory = Memory::default();
        memory.keep(key(0), &reply(&" the".repeat(200_000)));
        assert_eq!(memory.get(key(0)), None);
    }
}
