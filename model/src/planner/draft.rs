//! A choice under construction.

use std::borrow::Cow;

use weir_pace::Seed;

use crate::content::{Choice, Finish, Segment, SegmentKind, Text};

/// A choice under construction, within its token limit.
#[derive(Debug)]
pub(super) struct Draft {
    left: u32,
    segments: Vec<Segment>,
    /// Set if it ended early.
    cut: Option<Finish>,
}

impl Draft {
    pub(super) const fn new(limit: u32) -> Self {
        Self { left: limit, segments: Vec::new(), cut: None }
    }

    /// The number of remaining tokens.
    pub(super) const fn left(&self) -> u32 {
        self.left
    }

    /// Whether what was added so far took all tokens.
    pub(super) const fn is_used_up(&self) -> bool {
        self.left == 0 && !self.segments.is_empty()
    }

    /// Adds natural text of `tokens` tokens, or of as many as are left.
    pub(super) fn add_natural(&mut self, kind: SegmentKind, seed: Seed, tokens: u32) {
        self.push(kind, Text::natural(seed, tokens.min(self.left)));
        if tokens > self.left {
            self.cut = Some(Finish::Length);
        }
    }

    /// Adds `text`, or as much of it as there are tokens left.
    pub(super) fn add_given(&mut self, kind: SegmentKind, text: &str) {
        if self.cut.is_some() {
            return;
        }
        let given = Text::tokenized(text, self.left);
        if !given.is_whole(text) {
            self.cut = Some(Finish::Length);
        }
        self.push(kind, given);
    }

    /// Adds `text` up to the first stop sequence.
    pub(super) fn add_stopped(&mut self, kind: SegmentKind, text: &str, stop: &[Cow<'_, str>]) {
        let Some((at, index)) = first_stop(text, stop) else { return self.add_given(kind, text) };
        self.add_given(kind, text.get(..at).unwrap_or(text));
        self.cut.get_or_insert(Finish::StopSequence(index));
    }

    /// Ends the choice with `finish`, unless it ended early.
    pub(super) fn end(self, finish: Finish) -> Choice {
        Choice { segments: self.segments, finish: self.cut.unwrap_or(finish) }
    }

    fn push(&mut self, kind: SegmentKind, text: Text) {
        self.left = self.left.saturating_sub(text.token_count());
        self.segments.push(Segment { kind, text });
    }
}

/// Returns the position and the index of the first stop sequence in `text`.
pub(super) fn first_stop(text: &str, stop: &[Cow<'_, str>]) -> Option<(usize, usize)> {
    let found = stop.iter().enumerate().filter(|(_, sequence)| !sequence.is_empty());
    found.filter_map(|(index, sequence)| Some((text.find(&**sequence)?, index))).min()
}
