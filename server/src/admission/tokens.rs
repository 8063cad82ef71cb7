//! What requests cost in tokens.

use super::limit::LimitKind;

/// The tokens of an answer that are reserved if the request has no limit, as at Azure.
const OUTPUT_DEFAULT: u64 = 16;

/// The tokens that a request costs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct TokenCost {
    pub(crate) input: u64,
    pub(crate) output: u64,
    /// Both, as the provider counts them.
    pub(crate) total: u64,
}

/// How a provider counts the tokens of a request before it is answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenEstimate {
    /// The prompt and the longest answer.
    Sum,
    /// The larger of the two: OpenAI.
    Larger,
    /// The longest answer only: Azure.
    Output,
}

impl TokenEstimate {
    /// The cost of a request with a prompt of `input` tokens, whose answers have at most `output` tokens together.
    pub(crate) fn cost(self, input: u64, output: Option<u64>) -> TokenCost {
        let longest = output.unwrap_or(OUTPUT_DEFAULT);
        let total = match self {
            Self::Sum => input.saturating_add(longest),
            Self::Larger => input.max(longest),
            // Without an answer, as of embeddings, the prompt is what is counted.
            Self::Output if longest == 0 => input,
            Self::Output => longest,
        };
        TokenCost { input, output: longest, total }
    }
}

impl TokenCost {
    /// The cost of an answer that has ended.
    pub(super) const fn actual(input: u64, output: u64) -> Self {
        Self { input, output, total: input.saturating_add(output) }
    }

    /// The units of a limit of `kind`.
    pub(super) const fn of(self, kind: LimitKind) -> u64 {
        match kind {
            LimitKind::Requests => 1,
            LimitKind::Tokens => self.total,
            LimitKind::InputTokens => self.input,
            LimitKind::OutputTokens => self.output,
        }
    }
}
