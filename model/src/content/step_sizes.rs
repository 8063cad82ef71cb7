//! How many tokens each step of a content emits.

use weir_pace::{Amount, Rng, Seed};

/// The maximum number of tokens that a step emits of a choice.
pub(crate) const STEP_TOKENS_MAX: u32 = 256;

/// The number of tokens of a choice that each step emits, and that a stream sends in one event. A seed decides it, so that
/// the same content always has the same steps.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum StepSizes {
    /// One token.
    #[default]
    One,
    /// Drawn for each step: at least one token, at most 256.
    Drawn {
        /// The distribution.
        sizes: Amount,
        /// The seed; each choice has another one that is derived from it.
        seed: Seed,
    },
}

impl StepSizes {
    /// Draws from `sizes` with `seed`.
    #[must_use]
    pub fn new(sizes: &Amount, seed: Seed) -> Self {
        match sizes.fixed() {
            Some(1) => Self::One,
            _ => Self::Drawn { sizes: sizes.clone(), seed },
        }
    }

    /// The sizes of a choice, step by step; `None` if all are one.
    pub(super) fn of_choice(&self, choice: u32) -> Option<DrawnSizes> {
        match self {
            Self::One => None,
            Self::Drawn { sizes, seed } => {
                Some(DrawnSizes { sizes: sizes.clone(), rng: seed.derive(choice.into()).rng() })
            }
        }
    }

    /// The number of steps that emit `tokens` tokens of a choice.
    pub(super) fn steps(&self, choice: u32, tokens: u32) -> u32 {
        let Some(mut sizes) = self.of_choice(choice) else { return tokens };
        let (mut left, mut steps) = (tokens, 0);
        while left > 0 {
            left = left.saturating_sub(sizes.draw());
            steps += 1;
        }
        steps
    }

    /// The index of the step that emits the token after the first `tokens` of a choice.
    pub(super) fn step_after(&self, choice: u32, tokens: u32) -> u32 {
        self.steps(choice, tokens.saturating_add(1)).saturating_sub(1)
    }
}

/// The sizes of the steps of one choice.
#[derive(Debug)]
pub(super) struct DrawnSizes {
    sizes: Amount,
    rng: Rng,
}

impl DrawnSizes {
    /// The size of the next step.
    pub(super) fn draw(&mut self) -> u32 {
        u32::try_from(self.sizes.sample(&mut self.rng)).unwrap_or(u32::MAX).clamp(1, STEP_TOKENS_MAX)
    }
}
