//! What one block measured.

use std::time::Duration;

use super::order::Arm;
use super::trace::Lengths;

/// A block: the runs of one arm that were started together. The block, not the run, is the sample: runs that
/// share a block share its luck.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Block {
    /// The arm it ran.
    pub(super) arm: Arm,
    /// The wall time of each run that succeeded, first byte sent to the end of the answer.
    pub(super) walls: Vec<Duration>,
    /// The lengths of each run whose trace tells them.
    pub(super) traces: Vec<Lengths>,
}

impl Block {
    /// A block of `arm` without a run.
    pub(super) fn new(arm: Arm) -> Self {
        Self { arm, walls: Vec::new(), traces: Vec::new() }
    }

    /// The median wall time in milliseconds; `None` without a run that took time.
    pub(super) fn median_ms(&self) -> Option<f64> {
        let walls = self.walls.iter().map(|wall| wall.as_secs_f64() * 1e3).collect();
        median(walls).filter(|ms| *ms > 0.0)
    }
}

/// The middle value, or the mean of the two in the middle.
pub(super) fn median(mut values: Vec<f64>) -> Option<f64> {
    values.sort_by(f64::total_cmp);
    let upper = *values.get(values.len() / 2)?;
    if values.len() % 2 == 1 {
        return Some(upper);
    }
    values.get(values.len() / 2 - 1).map(|lower| f64::midpoint(*lower, upper))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn medians_of_odd_even_and_nothing() {
        assert_eq!(median(vec![3.0, 1.0, 2.0]), Some(2.0));
        assert_eq!(median(vec![4.0, 1.0, 2.0, 3.0]), Some(2.5));
        assert_eq!(median(Vec::new()), None);
        assert_eq!(Block::new(Arm::Parallel).median_ms(), None);
    }
}
