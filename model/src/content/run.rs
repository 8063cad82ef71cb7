//! Successive tokens of a segment.

use super::Tokens;

/// Successive tokens of one segment, which a stream sends in one event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TokenRun<'a> {
    text: &'a str,
    /// The end of each token in `text`; empty for a single token.
    ends: &'a [usize],
}

impl<'a> TokenRun<'a> {
    /// A single token.
    pub(super) const fn single(token: &'a str) -> Self {
        Self { text: token, ends: &[] }
    }

    /// The text of all of them. It is empty if they end within a character, which comes with the token that completes it.
    #[must_use]
    pub const fn text(self) -> &'a str {
        self.text
    }

    /// The number of tokens: at least one.
    #[must_use]
    pub fn count(self) -> u32 {
        self.ends.len().max(1) as u32
    }

    /// The tokens, one by one.
    pub fn tokens(self) -> impl Iterator<Item = &'a str> {
        let single = self.ends.is_empty().then_some(self.text);
        let mut start = 0;
        let several = self.ends.iter().map(move |end| {
            let token = self.text.get(start..*end).unwrap_or_default();
            start = *end;
            token
        });
        single.into_iter().chain(several)
    }
}

/// The memory of a run of several tokens.
#[derive(Debug, Default)]
pub(super) struct RunBuffer {
    text: String,
    ends: Vec<usize>,
}

impl RunBuffer {
    /// Takes the next tokens, at most `count`; `None` if there are none.
    pub(super) fn take(&mut self, tokens: &mut Tokens, count: u32) -> Option<TokenRun<'_>> {
        self.text.clear();
        self.ends.clear();
        for _ in 0..count {
            let Some(token) = tokens.next_token() else { break };
            self.text.push_str(token);
            self.ends.push(self.text.len());
        }
        let Self { text, ends } = self;
        (!ends.is_empty()).then_some(TokenRun { text, ends })
    }
}
