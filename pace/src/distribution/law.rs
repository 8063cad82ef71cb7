//! The laws that can be sampled: figures without a unit, checked, everything that can be computed ahead computed.

use std::sync::Arc;

use rand::Rng as _;
use rand::distr::Distribution;
use rand::seq::IndexedRandom;
use rand_distr::{Exp, Gamma, LogNormal, Normal, Pareto};

use crate::seed::Rng;

/// How often a normal law is drawn again before its minimum is taken. A tenth of its mass or more is above the minimum
/// (checked), so this is reached once in 10^45 samples.
const REDRAWS_MAX: usize = 1_000;

/// A law of figures that are never negative, and its mean.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Law {
    shape: Shape,
    mean: f64,
}

/// What is drawn from.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Shape {
    Constant(f64),
    Uniform {
        low: f64,
        high: f64,
    },
    Normal {
        law: Normal<f64>,
        min: f64,
    },
    LogNormal(LogNormal<f64>),
    Gamma(Gamma<f64>),
    Exponential {
        law: Exp<f64>,
        min: f64,
    },
    Pareto(Pareto<f64>),
    /// Never empty.
    Mixture {
        parts: Arc<[Part]>,
        total_share: f64,
    },
    /// Never empty.
    Values(Arc<[f64]>),
}

/// A law of a mixture, and how often it is drawn from.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Part {
    pub(super) share: f64,
    pub(super) law: Law,
}

impl Law {
    pub(super) const fn new(shape: Shape, mean: f64) -> Self {
        Self { shape, mean }
    }

    pub(super) const fn constant(value: f64) -> Self {
        Self::new(Shape::Constant(value), value)
    }

    pub(super) const fn mean(&self) -> f64 {
        self.mean
    }

    /// The figure itself, where it is always the same.
    pub(super) const fn fixed(&self) -> Option<f64> {
        match self.shape {
            Shape::Constant(value) => Some(value),
            _ => None,
        }
    }

    pub(super) fn sample(&self, rng: &mut Rng) -> f64 {
        match &self.shape {
            Shape::Constant(value) => *value,
            Shape::Uniform { low, high } => low + (high - low) * rng.random::<f64>(),
            Shape::Normal { law, min } => {
                (0..REDRAWS_MAX).map(|_| law.sample(rng)).find(|value| value >= min).unwrap_or(*min)
            }
            Shape::LogNormal(law) => law.sample(rng),
            Shape::Gamma(law) => law.sample(rng),
            Shape::Exponential { law, min } => min + law.sample(rng),
            Shape::Pareto(law) => law.sample(rng),
            Shape::Mixture { parts, total_share } => {
                let mut left = total_share * rng.random::<f64>();
                let drawn = parts.iter().find(|part| {
                    left -= part.share;
                    left < 0.0
                });
                // Rounding may leave a crumb after the last part.
                drawn.or(parts.last()).map_or(0.0, |part| part.law.sample(rng))
            }
            Shape::Values(values) => values.choose(rng).copied().unwrap_or_default(),
        }
    }
}
