//! A cache of replies.

use std::{
    hash::{DefaultHasher, Hash as _, Hasher as _},
    sync::{Mutex, PoisonError},
};

use quick_cache::{Weighter, unsync::Cache};

use super::{GenerationRequest, Reply};
use crate::script::ResponseMode;

/// Limits of the cache: number of replies and bytes. If a new reply does not fit, rarely used ones are
/// evicted until it does.
const REPLIES_MAX: usize = 4_096;
const BYTES_MAX: usize = 32 << 20;
/// A larger reply is not cached.
const REPLY_BYTES_MAX: usize = 1 << 20;
/// The size of a reply besides its texts.
const REPLY_BYTES: usize = 512;

/// Replies that consist of given texts, which are tokenised once.
#[derive(Debug)]
pub(super) struct ReplyCache {
    replies: Mutex<Cache<Key, Reply, EqualShareWeighter>>,
}

/// Weighs a reply at least an equal share of all bytes, so that the number of replies is bounded too.
#[derive(Clone, Debug)]
struct EqualShareWeighter;

impl Weighter<Key, Reply> for EqualShareWeighter {
    fn weight(&self, _: &Key, reply: &Reply) -> u64 {
        bytes(reply).max(BYTES_MAX / REPLIES_MAX) as u64
    }
}

fn bytes(reply: &Reply) -> usize {
    REPLY_BYTES + reply.content.bytes()
}

impl Default for ReplyCache {
    fn default() -> Self {
        Self { replies: Mutex::new(Cache::with_weighter(REPLIES_MAX, BYTES_MAX as u64, EqualShareWeighter)) }
    }
}

/// All inputs of a reply, besides the seed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Key {
    body: u64,
    request: u64,
}

impl Key {
    pub(super) fn new(model: &str, mode: &ResponseMode, request: &GenerationRequest<'_>) -> Self {
        let mut hasher = DefaultHasher::new();
        (model, mode, request).hash(&mut hasher);
        Self { body: request.body, request: hasher.finish() }
    }
}

impl ReplyCache {
    pub(super) fn get(&self, key: Key) -> Option<Reply> {
        self.lock().get(&key).cloned()
    }

    pub(super) fn insert(&self, key: Key, reply: &Reply) {
        if bytes(reply) <= REPLY_BYTES_MAX {
            self.lock().insert(key, reply.clone());
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Cache<Key, Reply, EqualShareWeighter>> {
        self.replies.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::content::{Choice, Content, Finish, Segment, SegmentKind, Text};

    fn reply(text: &str) -> Reply {
        let segment = Segment { kind: SegmentKind::Text, text: Text::tokenized(text, u32::MAX) };
        let choice = Choice { segments: vec![segment], finish: Finish::Stop };
        Reply { content: Content::new(vec![choice]), delay: Duration::ZERO }
    }

    fn key(body: u64) -> Key {
        Key::new("steady", &ResponseMode::Echo, &GenerationRequest { body, ..GenerationRequest::default() })
    }

    #[test]
    fn key_differs_by_request_and_mode() {
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
    fn insert_of_many_replies_stays_bounded() {
        let reply_cache = ReplyCache::default();
        reply_cache.insert(key(0), &reply("Hello there"));
        assert_eq!(reply_cache.get(key(0)), Some(reply("Hello there")));
        let long = reply(&" the".repeat(20_000));
        for body in 1..=1_000 {
            reply_cache.insert(key(body), &long);
            assert!(reply_cache.lock().iter().map(|(_, reply)| bytes(reply)).sum::<usize>() <= BYTES_MAX);
            assert_eq!(reply_cache.get(key(body)).as_ref(), Some(&long));
        }
        let held = |from, to| (from..=to).filter(|body| reply_cache.get(key(*body)).is_some()).count();
        assert!(held(1, 1_000) > 100, "a full memory forgets one answer after the other");
        for body in 0..=2 * REPLIES_MAX as u64 {
            reply_cache.insert(key(body), &reply(""));
        }
        assert!(reply_cache.lock().len() <= REPLIES_MAX);
        assert!(reply_cache.lock().len() > REPLIES_MAX / 2);
    }

    #[test]
    fn insert_of_a_large_reply_is_ignored() {
        let reply_cache = ReplyCache::default();
        reply_cache.insert(key(0), &reply(&" the".repeat(200_000)));
        assert_eq!(reply_cache.get(key(0)), None);
    }
}
