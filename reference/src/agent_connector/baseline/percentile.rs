//! Percentiles of response times.

/// Response times in milliseconds, sorted.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Times(Vec<f64>);

impl Times {
    pub(super) fn new(mut ms: Vec<f64>) -> Self {
        ms.sort_by(f64::total_cmp);
        Self(ms)
    }

    /// The smallest time that at least `percent` per cent of all do not exceed: the nearest rank, so that every
    /// percentile is a measured value. 0 if there are none.
    pub(super) fn percentile(&self, percent: f64) -> f64 {
        let rank = (percent / 100.0 * self.0.len() as f64).ceil() as usize;
        let index = rank.min(self.0.len()).saturating_sub(1);
        self.0.get(index).copied().unwrap_or_default()
    }

    /// 0 if there are none.
    pub(super) fn mean(&self) -> f64 {
        self.0.iter().sum::<f64>() / self.0.len().max(1) as f64
    }

    pub(super) fn min(&self) -> f64 {
        self.percentile(0.0)
    }

    pub(super) fn max(&self) -> f64 {
        self.percentile(100.0)
    }

    pub(super) const fn count(&self) -> usize {
        self.0.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn times(ms: impl IntoIterator<Item = u32>) -> Times {
        Times::new(ms.into_iter().map(f64::from).collect())
    }

    #[test]
    fn percentile_is_the_nearest_rank() {
        let hundred = times((1..=100).rev());
        let found = [0.0, 50.0, 95.0, 99.0, 100.0].map(|percent| hundred.percentile(percent));
        assert_eq!(found, [1.0, 50.0, 95.0, 99.0, 100.0]);
        let three = times([30, 10, 20]);
        assert_eq!([50.0, 95.0].map(|percent| three.percentile(percent)), [20.0, 30.0]);
        assert_eq!((three.mean(), three.min(), three.max(), three.count()), (20.0, 10.0, 30.0, 3));
        let none = Times::new(Vec::new());
        assert_eq!((none.percentile(95.0), none.mean(), none.max(), none.count()), (0.0, 0.0, 0.0, 0));
    }

    proptest! {
        #[test]
        fn percentile_has_enough_times_at_or_below(
            ms in prop::collection::vec(0_u32..50, 1..60),
            percent in 0.1_f64..100.0,
        ) {
            let found = times(ms.clone()).percentile(percent);
            let needed = percent / 100.0 * ms.len() as f64;
            let at_or_below = ms.iter().filter(|time| f64::from(**time) <= found).count() as f64;
            let below = ms.iter().filter(|time| f64::from(**time) < found).count() as f64;
            prop_assert!(at_or_below >= needed && below < needed, "{found}: {below} {at_or_below} {needed}");
        }
    }
}
