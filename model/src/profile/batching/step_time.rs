//! The duration of a step.

use std::time::Duration;

/// No curve takes longer, in milliseconds.
pub(super) const CURVE_MS_MAX: f64 = 86_400_000.0;

/// The duration of a step: that of its prompt tokens, if it has any, and that of its decoding sequences, if it has any.
#[derive(Clone, Debug, PartialEq)]
pub struct StepTime {
    /// By the number of prompt tokens in the step.
    pub prefill: Curve,
    /// By the share of KV blocks in use, from 0 to 1.
    pub decode: Curve,
    /// Added for each decoding sequence.
    pub per_sequence: Duration,
    /// The shortest step.
    pub min: Duration,
}

/// A duration that depends on one figure.
#[derive(Clone, Debug, PartialEq)]
pub enum Curve {
    /// Milliseconds: the coefficients of the powers of the figure, from the constant up.
    Polynomial(Box<[f64]>),
    /// Figures in rising order, and milliseconds; linear in between, constant beyond.
    Points(Box<[(f64, f64)]>),
}

impl Default for StepTime {
    /// The curve of NVIDIA dynamo's mocker.
    fn default() -> Self {
        Self {
            prefill: Curve::Polynomial([16.50, 0.015_18, 4.21e-7].into()),
            decode: Curve::Polynomial([5.74, 54.01, -25.74].into()),
            per_sequence: Duration::ZERO,
            min: Duration::from_millis(1),
        }
    }
}

impl StepTime {
    /// The duration of a step with `prefill_tokens` tokens of prompts and `decoding` decoding sequences, while the share
    /// `kv_use` of the KV blocks is in use.
    pub fn duration(&self, prefill_tokens: u32, decoding: u32, kv_use: f64) -> Duration {
        let mut ms = 0.0;
        if prefill_tokens > 0 {
            ms += self.prefill.ms(f64::from(prefill_tokens));
        }
        if decoding > 0 {
            ms += self.decode.ms(kv_use);
        }
        let curves = Duration::from_secs_f64(ms.clamp(0.0, CURVE_MS_MAX) / 1e3);
        curves.saturating_add(self.per_sequence.saturating_mul(decoding)).max(self.min)
    }
}

impl Curve {
    /// The milliseconds at `figure`.
    pub fn ms(&self, figure: f64) -> f64 {
        match self {
            Self::Polynomial(coefficients) => {
                coefficients.iter().rev().fold(0.0, |sum, coefficient| sum * figure + coefficient)
            }
            Self::Points(points) => interpolate(points, figure),
        }
    }
}

fn interpolate(points: &[(f64, f64)], figure: f64) -> f64 {
    let after = points.partition_point(|(at, _)| *at <= figure);
    let before = after.checked_sub(1).and_then(|index| points.get(index));
    match (before, points.get(after)) {
        (Some((low, from)), Some((high, to))) => from + (to - from) * (figure - low) / (high - low),
        (Some((_, ms)), None) | (None, Some((_, ms))) => *ms,
        (None, None) => 0.0,
    }
}
