//! Distributions of unitless values, checked and precomputed.

use std::sync::Arc;

use rand::Rng as _;
use rand::distr::Distribution as _;
use rand::seq::IndexedRandom;
use rand_distr::{Exp, Gamma, LogNormal, Normal, Pareto};

use crate::seed::Rng;

/// The largest number of redraws of a truncated normal distribution. At least a tenth of its mass is above the minimum
/// (checked), so this is reached once in 10⁴⁵ samples.
const REDRAWS_MAX: usize = 1_000;

/// A distribution of non-negative values, and its mean.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Distribution {
    family: Family,
    mean: f64,
}

/// A family of distributions with its parameters.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Family {
    Constant(f64),
    Uniform {
        low: f64,
        high: f64,
    },
    Normal {
        law: Normal<f64>,
        min: f64,
    },
    LogNormal {
        law: LogNormal<f64>,
        /// Mean and standard deviation of the logarithm.
        mu: f64,
        sigma: f64,
    },
    Gamma {
        law: Gamma<f64>,
        shape: f64,
    },
    Exponential {
        law: Exp<f64>,
        min: f64,
    },
    Pareto {
        law: Pareto<f64>,
        min: f64,
        shape: f64,
    },
    /// One more than the accepted tokens of a draft of `draft` tokens, each of which is accepted with the same
    /// probability if all before it were.
    Speculative {
        draft: f64,
        /// The logarithm of that probability: negative and finite.
        ln_acceptance: f64,
    },
    /// Never empty.
    Mixture {
        components: Arc<[MixtureComponent]>,
        total_share: f64,
    },
    /// Never empty.
    Values(Arc<[f64]>),
}

/// A component of a mixture and its relative weight.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct MixtureComponent {
    pub(super) share: f64,
    pub(super) law: Distribution,
}

impl Distribution {
    pub(super) const fn new(family: Family, mean: f64) -> Self {
        Self { family, mean }
    }

    pub(super) const fn constant(value: f64) -> Self {
        Self::new(Family::Constant(value), value)
    }

    pub(super) const fn mean(&self) -> f64 {
        self.mean
    }

    pub(super) const fn family(&self) -> &Family {
        &self.family
    }

    /// The value, if it is constant.
    pub(super) const fn fixed(&self) -> Option<f64> {
        match self.family {
            Family::Constant(value) => Some(value),
            _ => None,
        }
    }

    #[expect(clippy::expect_used, reason = "the check rejects empty lists and mixtures")]
    pub(super) fn sample(&self, rng: &mut Rng) -> f64 {
        match &self.family {
            Family::Constant(value) => *value,
            Family::Uniform { low, high } => low + (high - low) * rng.random::<f64>(),
            Family::Normal { law, min } => {
                (0..REDRAWS_MAX).map(|_| law.sample(rng)).find(|value| value >= min).unwrap_or(*min)
            }
            Family::LogNormal { law, .. } => law.sample(rng),
            Family::Gamma { law, .. } => law.sample(rng),
            Family::Exponential { law, min } => min + law.sample(rng),
            Family::Pareto { law, .. } => law.sample(rng),
            Family::Speculative { draft, ln_acceptance } => {
                // At least n tokens are accepted with the n-th power of the probability.
                let accepted = (1.0 - rng.random::<f64>()).ln() / ln_acceptance;
                1.0 + accepted.floor().min(*draft)
            }
            Family::Mixture { components, total_share } => {
                let mut left = total_share * rng.random::<f64>();
                let drawn = components.iter().find(|part| {
                    left -= part.share;
                    left < 0.0
                });
                // Rounding may leave a remainder after the last component.
                drawn.or(components.last()).expect("a mixture is not empty").law.sample(rng)
            }
            Family::Values(values) => *values.choose(rng).expect("a list of values is not empty"),
        }
    }
}
