//! The seconds in which the load generator was delayed most.

use std::time::Duration;

use weir_results::{Histogram, units};

/// The number of seconds that are named.
const SECONDS_MAX: usize = 3;

/// Shorter delays are not named.
const DELAY_MIN: Duration = Duration::from_millis(10);

/// The seconds of a run with the longest delays, the longest first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct WorstSeconds(Vec<(u64, Duration)>);

impl WorstSeconds {
    /// Adds the delays that one worker measured in a second of the run.
    pub(crate) fn add(&mut self, second: u64, delays: [&Histogram; 2]) {
        let longest = delays.iter().filter_map(|delays| delays.max()).max().unwrap_or_default();
        if longest <= DELAY_MIN {
            return;
        }
        match self.0.iter_mut().find(|(known, _)| *known == second) {
            Some((_, delay)) => *delay = longest.max(*delay),
            None => self.0.push((second, longest)),
        }
        self.0.sort_by_key(|(second, delay)| (std::cmp::Reverse(*delay), *second));
        self.0.truncate(SECONDS_MAX);
    }

    /// Returns `; worst in second 4 (2.51 s)`, or nothing.
    pub(crate) fn in_words(&self) -> String {
        let named: Vec<String> =
            self.0.iter().map(|(second, delay)| format!("{second} ({})", units::duration(*delay))).collect();
        match named.len() {
            0 => String::new(),
            1 => format!("; longest in second {}", named.join("")),
            _ => format!("; longest in seconds {}", named.join(", ")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn add_keeps_the_longest_delays() {
        let mut worst = WorstSeconds::default();
        for (second, ms) in [(0, 5), (1, 20), (2, 400), (3, 30), (4, 2_500), (2, 10)] {
            let mut delays = Histogram::default();
            delays.record(Duration::from_millis(ms));
            worst.add(second, [&delays, &Histogram::default()]);
        }
        assert_eq!(worst.in_words(), "; longest in seconds 4 (2.50 s), 2 (400 ms), 3 (30.0 ms)");
        assert_eq!(WorstSeconds::default().in_words(), "");
    }
}
