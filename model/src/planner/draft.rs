//! A choice in the making.

use std::borrow::Cow;

use weir_pace::Seed;

use crate::content::{Choice, Finish, Kind, Segment, Text};

/// A choice in the making, within its limit of tokens.
#[derive(Debug)]
pub(super) struct Draft {
    left: u32,
    segments: Vec<Segment>,
    /// Set by what ended it early.
    cut: Option<Finish>,
}

impl Draft {
    pub(super) const fn new(limit: u32) -> Self {
        Self { left: limit, segments: Vec::new(), cut: None }
    }

    /// Tokens that it may still have.
    pub(super) const fn left(&self) -> u32 {
        self.left
    }

    /// Adds natural text of so many tokens, or of as many as are left.
    pub(super) fn add_natural(&mut self, kind: Kind, seed: Seed, tokens: u32) {
        self.push(kind, Text::natural(seed, tokens.min(self.left)));
        if tokens > self.left {
            self.cut = Some(Finish::Length);
        }
    }

    /// Adds `text`, or as much of it as there are tokens left.
    pub(super) fn add_given(&mut self, kind: Kind, text: &str) {
        if self.cut.is_some() {
            return;
        }
        let given = Text::given(text, self.left);
        if !given.is_whole(text) {
            self.cut = Some(Finish::Length);
        }
        self.push(kind, given);
    }

    /// Adds `text` up to the first of the sequences that end it.
    pub(super) fn add_stopped(&mut self, kind: Kind, text: &str, stop: &[Cow<'_, str>]) {
        let Some((at, index)) = first_stop(text, stop) else { return self.add_given(kind, text) };
        self.add_given(kind, text.get(..at).unwrap_or(text));
        self.cut.get_or_insert(Finish::StopSequence(index));
    }

    /// Ends it with `finish`, unless something ended it before.
    pub(super) fn end(self, finish: Finish) -> Choice {
        Choice { segments: self.segments, finish: self.cut.unwrap_or(finish) }
    }

    fn push(&mut self, kind: Kind, text: Text) {
        self.left = self.left.saturating_sub(text.token_count());
        self.segments.push(Segment { kind, text });
    }
}

/// Where the first of the sequences begins in `text`, and which one it is.
pub(super) fn first_stop(text: &str, stop: &[Cow<'_, str>]) -> Option<(usize, usize)> {
    let found = stop.iter().enumerate().filter(|(_, sequence)| !sequence.is_empty());
    found.filter_map(|(index, sequence)| Some((text.find(&**sequence)?, index))).min()
}
