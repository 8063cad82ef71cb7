//! Choices by weight.

use rand::Rng as _;
use weir_pace::Rng;

/// Indices, drawn in proportion to their weights.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Weights {
    /// The cumulative weights.
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

    /// Draws an index; 0 if there is no choice.
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

/// Assigns classes to users in proportion to their weights, as evenly as possible for any number of users (smooth weighted
/// round-robin, as in nginx).
#[derive(Clone, Debug)]
pub(crate) struct ClassRotation {
    weights: Vec<u32>,
    credits: Vec<i64>,
    /// By user number, as far as it was needed.
    classes: Vec<u16>,
}

impl ClassRotation {
    pub(crate) fn new(weights: impl IntoIterator<Item = u32>) -> Self {
        let weights: Vec<u32> = weights.into_iter().collect();
        Self { credits: vec![0; weights.len()], weights, classes: Vec::new() }
    }

    /// Returns the class of a user by its number, in memory linear in the largest number.
    pub(crate) fn class_of(&mut self, number: usize) -> usize {
        while self.classes.len() <= number {
            let next = self.next();
            self.classes.push(next);
        }
        self.classes.get(number).copied().map_or(0, usize::from)
    }

    fn next(&mut self) -> u16 {
        let total: i64 = self.weights.iter().map(|&weight| i64::from(weight)).sum();
        let mut best = None;
        for (class, (credit, &weight)) in (0..).zip(self.credits.iter_mut().zip(&self.weights)) {
            *credit += i64::from(weight);
            if best.is_none_or(|(_, most)| *credit > most) {
                best = Some((class, *credit));
            }
        }
        let class = best.map_or(0, |(class, _)| class);
        if let Some(credit) = self.credits.get_mut(usize::from(class)) {
            *credit -= total;
        }
        class
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use weir_pace::Seed;

    use super::*;

    #[test]
    fn pick_is_as_frequent_as_weight() {
        let weights = Weights::new([5, 3, 2, 1]);
        let mut rng = Seed::new(7).rng();
        let mut counts = [0_f64; 4];
        (0..110_000).for_each(|_| counts[weights.pick(&mut rng)] += 1.0);
        for (count, expected) in counts.iter().zip([50e3, 30e3, 20e3, 10e3]) {
            assert!((count - expected).abs() < 5.0 * f64::sqrt(expected), "{counts:?}");
        }
        assert_eq!(Weights::new([]).pick(&mut rng), 0);
    }

    fn classes(weights: &[u32], count: usize) -> Vec<usize> {
        let mut spread = ClassRotation::new(weights.iter().copied());
        (0..count).map(|number| spread.class_of(number)).collect()
    }

    #[test]
    fn class_of_few_users_covers_classes() {
        assert_eq!(classes(&[1], 3), [0, 0, 0]);
        assert_eq!(classes(&[2, 1], 6), [0, 1, 0, 0, 1, 0]);
    }

    proptest! {
        #[test]
        fn class_of_any_prefix_is_even(
            weights in proptest::collection::vec(1..100_u32, 1..8),
            count in 1..500_usize,
        ) {
            let classes = classes(&weights, count);
            let total: u32 = weights.iter().sum();
            for (class, &weight) in weights.iter().enumerate() {
                let found = classes.iter().filter(|&&found| found == class).count() as f64;
                let fair = count as f64 * f64::from(weight) / f64::from(total);
                prop_assert!((found - fair).abs() < weights.len() as f64, "{} for {}", found, fair);
            }
        }
    }
}
