//! The reasoning of a model before its answers.

use std::fmt;

use serde::Deserialize;
use weir_pace::{Amount, Rng};

use super::key_error::{KeyError, key_error};

/// The maximum factor of an effort.
const FACTOR_MAX: f64 = 1_000.0;
/// The default factors, from minimal to max: four times as many tokens with each step of effort. No provider publishes
/// figures.
const FACTORS_DEFAULT: [f64; 6] = [1.0 / 16.0, 0.25, 1.0, 4.0, 16.0, 32.0];

/// How much a request wants a model to reason.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Effort {
    /// Not at all.
    None,
    /// OpenAI's `minimal`.
    Minimal,
    /// `low`.
    Low,
    /// `medium`.
    Medium,
    /// `high`.
    High,
    /// `xhigh`.
    Xhigh,
    /// `max`.
    Max,
    /// As with a medium effort, but at most this number of tokens: Anthropic's `budget_tokens`.
    #[serde(skip)]
    Budget(u32),
}

impl fmt::Display for Effort {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::None => "none",
            Self::Minimal => "minimal",
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
            Self::Xhigh => "xhigh",
            Self::Max => "max",
            Self::Budget(tokens) => return write!(f, "a budget of {tokens} tokens"),
        })
    }
}

/// Whether clients of the chat API receive the reasoning.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ReasoningVisibility {
    /// It is sent before the answer.
    #[default]
    Shown,
    /// It delays the first visible token, and counts in `usage`.
    Hidden,
}

/// The reasoning of a model before its answers.
#[derive(Clone, Debug, PartialEq)]
pub struct ReasoningPhase {
    /// The number of tokens with a medium effort.
    pub tokens: Amount,
    /// The effort of requests that name none.
    pub default_effort: Effort,
    /// Whether clients receive it.
    pub visibility: ReasoningVisibility,
    /// The factors of the efforts from minimal to max.
    factors: [f64; 6],
}

impl ReasoningPhase {
    /// Draws the number of tokens of one answer to a request that names `effort`.
    pub fn sample(&self, effort: Option<Effort>, rng: &mut Rng) -> u32 {
        let effort = effort.unwrap_or(self.default_effort);
        let factor = self.factor(effort);
        if factor == 0.0 {
            return 0;
        }
        let tokens = (self.tokens.sample(rng) as f64 * factor).round() as u32;
        match effort {
            Effort::Budget(most) => tokens.min(most),
            _ => tokens,
        }
    }

    /// The mean number of tokens with `effort`.
    pub fn mean(&self, effort: Option<Effort>) -> f64 {
        let effort = effort.unwrap_or(self.default_effort);
        let mean = self.tokens.mean() * self.factor(effort);
        match effort {
            Effort::Budget(most) => mean.min(f64::from(most)),
            _ => mean,
        }
    }

    /// The factor between the tokens with `effort` and those with a medium effort.
    pub fn factor(&self, effort: Effort) -> f64 {
        let [minimal, low, medium, high, xhigh, max] = self.factors;
        match effort {
            Effort::None => 0.0,
            Effort::Minimal => minimal,
            Effort::Low => low,
            Effort::Medium => medium,
            Effort::High => high,
            Effort::Xhigh => xhigh,
            Effort::Max => max,
            Effort::Budget(_) => 1.0,
        }
    }
}

/// The table `reasoning` of a profile.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawReasoning {
    tokens: Option<Amount>,
    default_effort: Option<Effort>,
    shown: Option<bool>,
    #[serde(default)]
    factor: RawFactors,
}

/// The factors that are given.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawFactors {
    minimal: Option<f64>,
    low: Option<f64>,
    medium: Option<f64>,
    high: Option<f64>,
    xhigh: Option<f64>,
    max: Option<f64>,
}

impl RawReasoning {
    /// Returns this table with missing keys from `parent`.
    pub(super) fn over(self, parent: Self) -> Self {
        let (own, above) = (self.factor, parent.factor);
        Self {
            tokens: self.tokens.or(parent.tokens),
            default_effort: self.default_effort.or(parent.default_effort),
            shown: self.shown.or(parent.shown),
            factor: RawFactors {
                minimal: own.minimal.or(above.minimal),
                low: own.low.or(above.low),
                medium: own.medium.or(above.medium),
                high: own.high.or(above.high),
                xhigh: own.xhigh.or(above.xhigh),
                max: own.max.or(above.max),
            },
        }
    }

    /// Returns the checked table.
    pub(super) fn check(self) -> Result<ReasoningPhase, KeyError> {
        let RawFactors { minimal, low, medium, high, xhigh, max } = self.factor;
        let mut factors = FACTORS_DEFAULT;
        let keys = [
            ("reasoning.factor.minimal", minimal),
            ("reasoning.factor.low", low),
            ("reasoning.factor.medium", medium),
            ("reasoning.factor.high", high),
            ("reasoning.factor.xhigh", xhigh),
            ("reasoning.factor.max", max),
        ];
        for (factor, (key, given)) in factors.iter_mut().zip(keys) {
            *factor = given.unwrap_or(*factor);
            if !(0.0..=FACTOR_MAX).contains(factor) {
                let message = format!("expected a number from 0 to {FACTOR_MAX}, found {factor}");
                return Err(key_error(key, message));
            }
        }
        Ok(ReasoningPhase {
            tokens: self.tokens.ok_or_else(|| {
                key_error(
                    "reasoning.tokens",
                    "this key is required: the tokens of reasoning with a medium effort",
                )
            })?,
            default_effort: self.default_effort.unwrap_or(Effort::Medium),
            visibility: match self.shown {
                Some(false) => ReasoningVisibility::Hidden,
                Some(true) | None => ReasoningVisibility::Shown,
            },
            factors,
        })
    }
}

#[cfg(test)]
mod tests {
    use weir_pace::Seed;

    use super::*;

    fn phase(text: &str) -> ReasoningPhase {
        toml::from_str::<RawReasoning>(text).unwrap().check().unwrap()
    }

    #[test]
    fn sample_is_the_distribution_times_the_factor_of_the_effort() {
        let phase = phase("tokens = 512\ndefault_effort = 'low'\nfactor = { high = 3 }");
        let sample = |effort| phase.sample(effort, &mut Seed::new(1).rng());
        assert_eq!(sample(None), 128);
        let efforts = [Effort::None, Effort::Minimal, Effort::Medium, Effort::High, Effort::Xhigh];
        assert_eq!(efforts.map(|effort| sample(Some(effort))), [0, 32, 512, 1_536, 8_192]);
        assert_eq!([100, 1_024].map(|budget| sample(Some(Effort::Budget(budget)))), [100, 512]);
        assert_eq!(phase.mean(Some(Effort::High)), 1_536.0);
    }

    #[test]
    fn sample_of_a_percentile_is_scaled() {
        let phase = phase("tokens = { p50 = 1_000, p95 = 4_000 }");
        let mut rng = Seed::new(1).rng();
        let mut drawn: Vec<_> = (0..4_001).map(|_| phase.sample(Some(Effort::High), &mut rng)).collect();
        drawn.sort_unstable();
        assert!((3_700..4_300).contains(&drawn[2_000]), "{}", drawn[2_000]);
    }

    #[test]
    fn over_keeps_own_keys() {
        let parent = toml::from_str("tokens = 10\nshown = false\nfactor = { low = 0.5, high = 2 }").unwrap();
        let own: RawReasoning = toml::from_str("tokens = 20\nfactor = { low = 0.1 }").unwrap();
        let merged = own.over(parent).check().unwrap();
        assert_eq!((merged.tokens.fixed(), merged.visibility), (Some(20), ReasoningVisibility::Hidden));
        assert_eq!([Effort::Low, Effort::High].map(|effort| merged.factor(effort)), [0.1, 2.0]);
    }
}
