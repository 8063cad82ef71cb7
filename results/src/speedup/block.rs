//! The measurements of one block.

use std::time::Duration;

use super::arm::Arm;

/// A block: the runs of one arm that were started together. The block, not the run, is the sample: runs that
/// share a block are not independent.
#[derive(Clone, Debug, PartialEq)]
pub struct Block {
    /// The arm it ran.
    pub arm: Arm,
    /// The wall time of each run that succeeded, first byte sent to the end of the answer.
    pub walls: Vec<Duration>,
    /// The lengths of each run whose trace has them.
    pub traces: Vec<Lengths>,
}

/// The two lengths of a run that bound its speedup.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Lengths {
    /// The sum of all step durations, in milliseconds.
    pub sum_ms: f64,
    /// The duration of the longest path through the dependencies, in milliseconds.
    pub critical_path_ms: f64,
}

impl Lengths {
    /// Σ of steps / critical path: the highest possible speedup of these steps.
    pub fn ideal(self) -> f64 {
        self.sum_ms / self.critical_path_ms
    }
}

impl Block {
    /// Returns a block of `arm` without runs.
    pub fn new(arm: Arm) -> Self {
        Self { arm, walls: Vec::new(), traces: Vec::new() }
    }

    /// The median wall time in milliseconds; `None` without a run that took time.
    pub fn median_ms(&self) -> Option<f64> {
        let walls = self.walls.iter().map(|wall| wall.as_secs_f64() * 1e3).collect();
        median(walls).filter(|ms| *ms > 0.0)
    }
}

/// Returns the middle value, or the mean of the two middle values.
pub fn median(mut values: Vec<f64>) -> Option<f64> {
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
    fn median_of_odd_even_and_empty_lists() {
        assert_eq!(median(vec![3.0, 1.0, 2.0]), Some(2.0));
        assert_eq!(median(vec![4.0, 1.0, 2.0, 3.0]), Some(2.5));
        assert_eq!(median(Vec::new()), None);
        assert_eq!(Block::new(Arm::Parallel).median_ms(), None);
    }
}
