//! Choices by weight.

use rand::Rng as _;
use weir_pace::Rng;

/// Numbers from 0, each drawn as often as its weight says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Weights {
    /// The sum of the weights up to and with each number.
    sums: Vec<u64>,
}

impl Weights {
    pub(crate) fn new(weights: impl IntoIterator<Item = u32>) -> Self {
        let sums = weights.into_iter().scan(0, |sum, weight| {
            *sum += u64::from(weight);
            Some(*sum)
        });
        Self { sums: sums.collect() }
    }

    /// One of the numbers; 0 when there is no choice.
    pub(crate) fn pick(&self, rng: &mut Rng) -> usize {
        match self.sums.last() {
            Some(&total) if self.sums.len() > 1 => {
                let drawn = rng.random_range(0..total);
                self.sums.partition_point(|&sum| sum <= drawn)
            }
            _ => 0,
        }
    }
}

/// Gives each of `count` users a class so that any number of them, from the first on, is spread by the weights as
/// evenly as can be (smooth weighted round-robin).
pub(crate) fn spread(weights: &[u32], count: usize) -> Vec<usize> {
    let total: i64 = weights.iter().map(|&weight| i64::from(weight)).sum();
    let mut credits = vec![0_i64; weights.len()];
    let mut next = || {
        let mut best = None;
        for (class, (credit, &weight)) in credits.iter_mut().zip(weights).enumerate() {
            *credit += i64::from(weight);
            if best.is_none_or(|(_, most)| *credit > most) {
                best = Some((class, *credit));
            }
        }
        let class = best.map_or(0, |(class, _)| class);
        if let Some(credit) = credits.get_mut(class) {
            *credit -= total;
        }
        class
    };
    (0..count).map(|_| next()).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use weir_pace::Seed;

    use super::*;

    #[test]
    fn picks_are_as_frequent_as_their_weights() {
        let weights = Weights::new([5, 3, 2, 1]);
        let mut rng = Seed::new(7).rng();
        let mut counts = [0_f64; 4];
        (0..110_000).for_each(|_| counts[weights.pick(&mut rng)] += 1.0);
        for (count, expected) in counts.iter().zip([50e3, 30e3, 20e3, 10e3]) {
            assert!((count - expected).abs() < 5.0 * f64::sqrt(expected), "{counts:?}");
        }
        assert_eq!(Weights::new([]).pick(&mut rng), 0);
    }

    #[test]
    fn a_few_users_are_spread_over_the_classes() {
        assert_eq!(spread(&[1], 3), [0, 0, 0]);
        assert_eq!(spread(&[2, 1], 6), [0, 1, 0, 0, 1, 0]);
    }

    proptest! {
        #[test]
        fn every_beginning_is_spread_evenly(
            weights in proptest::collection::vec(1..100_u32, 1..8),
            count in 1..500_usize,
        ) {
            let classes = spread(&weights, count);
            let total: u32 = weights.iter().sum();
            for (class, &weight) in weights.iter().enumerate() {
                let found = classes.iter().filter(|&&found| found == class).count() as f64;
                let fair = count as f64 * f64::from(weight) / f64::from(total);
                prop_assert!((found - fair).abs() < weights.len() as f64, "{} for {}", found, fair);
            }
        }
    }
}
