//! The tokens of each content event, where each of them carries the number of tokens so far.

use std::time::Instant;

use crate::record::{ChunkTokens, StreamGaps};

/// The numbers of tokens in the content events of a stream.
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq)]
pub(super) enum TokenProgress {
    /// There was no content event yet.
    #[default]
    Pending,
    Known(ChunkTokens),
    /// An event had no number, or the number fell.
    Unknown,
}

impl TokenProgress {
    /// Adds a content event that was read at `at`, with the tokens so far. The tokens that it adds share the time since the
    /// last event that added any.
    pub(super) fn add(&mut self, tokens: Option<u64>, at: Instant, gaps: &mut StreamGaps) {
        *self = match (*self, tokens) {
            (Self::Pending, Some(tokens)) => {
                Self::Known(ChunkTokens { first: tokens, last: tokens, last_at: at })
            }
            (Self::Known(known), Some(tokens)) if tokens == known.last => Self::Known(known),
            (Self::Known(known), Some(tokens)) if tokens > known.last => {
                let added = tokens - known.last;
                let divisor = u32::try_from(added).unwrap_or(u32::MAX);
                gaps.tokens.push_times((at - known.last_at) / divisor, added);
                Self::Known(ChunkTokens { last: tokens, last_at: at, ..known })
            }
            _ => Self::Unknown,
        };
        if *self == Self::Unknown {
            gaps.tokens.clear();
        }
    }

    /// The tokens at the first and last event, if all events had them and some were added after the first.
    pub(super) fn known(self) -> Option<ChunkTokens> {
        match self {
            Self::Known(tokens) if tokens.last > tokens.first => Some(tokens),
            Self::Pending | Self::Known(_) | Self::Unknown => None,
        }
    }
}
