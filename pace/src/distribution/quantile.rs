//! Quantiles of distributions.

use super::fit::standard_normal_cdf;
use super::law::{Distribution, Family};

/// Each halves the interval that has the quantile: from the largest value down to less than a millionth of the smallest.
const HALVINGS: usize = 120;

impl Distribution {
    /// The smallest value from zero to `max` that a share `share` of the distribution does not exceed.
    pub(super) fn quantile(&self, share: f64, max: f64) -> f64 {
        if let Some(value) = self.fixed() {
            return value;
        }
        let (mut low, mut high) = (0.0, max);
        for _ in 0..HALVINGS {
            let middle = f64::midpoint(low, high);
            if self.share_up_to(middle) < share { low = middle } else { high = middle }
        }
        high
    }

    /// The share of the distribution that does not exceed `value`. Of gamma distributions it is approximate.
    fn share_up_to(&self, value: f64) -> f64 {
        let share = match self.family() {
            Family::Constant(constant) => f64::from(u8::from(value >= *constant)),
            Family::Uniform { low, high } if low < high => (value - low) / (high - low),
            Family::Uniform { low, .. } => f64::from(u8::from(value >= *low)),
            Family::Normal { law, .. } if law.std_dev() == 0.0 => f64::from(u8::from(value >= law.mean())),
            Family::Normal { law, min } => {
                let below = |value: f64| standard_normal_cdf((value - law.mean()) / law.std_dev());
                (below(value) - below(*min)) / (1.0 - below(*min))
            }
            Family::LogNormal { mu, sigma, .. } if *sigma == 0.0 => f64::from(u8::from(value >= mu.exp())),
            Family::LogNormal { mu, sigma, .. } => standard_normal_cdf((value.ln() - mu) / sigma),
            Family::Gamma { shape, .. } => share_of_gamma(*shape, value / self.mean()),
            Family::Exponential { min, .. } => -(-(value - min) / (self.mean() - min)).exp_m1(),
            Family::Pareto { min, shape, .. } => 1.0 - (min / value).min(1.0).powf(*shape),
            Family::Speculative { draft, .. } if value >= draft + 1.0 => 1.0,
            Family::Speculative { ln_acceptance, .. } => -(ln_acceptance * value.floor()).exp_m1(),
            Family::Mixture { components, total_share } => {
                components.iter().map(|part| part.share * part.law.share_up_to(value)).sum::<f64>()
                    / total_share
            }
            Family::Values(values) => {
                values.iter().filter(|known| **known <= value).count() as f64 / values.len() as f64
            }
        };
        share.clamp(0.0, 1.0)
    }
}

/// The share of a gamma distribution up to `ratio` times its mean, as Wilson and Hilferty approximate it: the cube root
/// is nearly normal.
fn share_of_gamma(shape: f64, ratio: f64) -> f64 {
    let variance = 1.0 / (9.0 * shape);
    standard_normal_cdf((ratio.cbrt() - (1.0 - variance)) / variance.sqrt())
}

#[cfg(test)]
mod tests {
    use crate::{Amount, Latency, Seed};

    fn read<T: serde::de::DeserializeOwned>(text: &str) -> T {
        let file: std::collections::BTreeMap<String, T> = toml::from_str(&format!("x = {text}")).unwrap();
        file.into_values().next().unwrap()
    }

    #[test]
    fn quantile_of_configured_percentiles_is_exact() {
        let latency: Latency = read("{ p50 = '645ms', p95 = '1094ms' }");
        for (share, expected_ms) in [(0.5, 645.0), (0.95, 1094.0)] {
            let found_ms = latency.quantile(share).as_secs_f64() * 1e3;
            assert!((found_ms - expected_ms).abs() < 1e-3, "{share}: {found_ms}");
        }
    }

    #[test]
    fn quantile_splits_samples_of_every_family() {
        for text in [
            "'250ms'",
            "{ between = ['5ms', '20ms'] }",
            "{ normal = { mean = '9ms', sd = '2ms' } }",
            "{ normal = { mean = '10ms', sd = '5ms', min = '10ms' } }",
            "{ normal = { mean = '10ms', cv = 0 } }",
            "{ p50 = '5ms', p99 = '5ms' }",
            "{ p50 = '5ms', p99 = '90ms' }",
            "{ gamma = { mean = '9ms', cv = 0.3 } }",
            "{ gamma = { mean = '9ms', cv = 1.0 } }",
            "{ exponential = { mean = '9ms', min = '1ms' } }",
            "{ pareto = { min = '5ms', shape = 2.5 } }",
            "{ values = ['8ms', '9ms', '30ms'] }",
            "{ mix = [{ share = 0.98, normal = { mean = '8ms', sd = '1ms' } }, { share = 0.02, p50 = '60ms', p99 = '90ms' }] }",
        ] {
            let latency: Latency = read(text);
            let mut rng = Seed::new(3).rng();
            let samples: Vec<_> = (0..20_000).map(|_| latency.sample(&mut rng)).collect();
            for share in [0.1, 0.5, 0.9, 0.99] {
                let quantile = latency.quantile(share);
                let count = |is: fn(&std::time::Duration, &std::time::Duration) -> bool| {
                    samples.iter().filter(|sample| is(sample, &quantile)).count() as f64
                        / samples.len() as f64
                };
                let (below, up_to) = (count(|sample, at| sample < at), count(|sample, at| sample <= at));
                assert!(
                    below <= share + 0.015 && up_to >= share - 0.015,
                    "{text} {share}: {below} to {up_to}"
                );
            }
        }
    }

    #[test]
    fn speculative_counts_have_the_share_and_mean_of_accepted_drafts() {
        let amount: Amount = read("{ speculative = { draft = 4, acceptance = 0.7 } }");
        let mut rng = Seed::new(3).rng();
        let mut counts = [0_u32; 8];
        for _ in 0..100_000 {
            counts[amount.sample(&mut rng) as usize] += 1;
        }
        let expected = [0.0, 0.3, 0.7 * 0.3, 0.49 * 0.3, 0.343 * 0.3, 0.2401, 0.0, 0.0];
        for (count, expected) in counts.iter().zip(expected) {
            assert!((f64::from(*count) / 1e5 - expected).abs() < 0.006, "{counts:?}");
        }
        assert!((amount.mean() - 2.7731).abs() < 1e-9, "{}", amount.mean());
        assert_eq!([0.2, 0.5, 0.6, 0.99].map(|share| amount.quantile(share)), [1, 2, 3, 5]);
        let fixed = |text: &str| read::<Amount>(text).fixed();
        assert_eq!(fixed("{ speculative = { draft = 3, acceptance = 0 } }"), Some(1));
        assert_eq!(fixed("{ speculative = { draft = 3, acceptance = 1 } }"), Some(4));
    }
}
