//! How the target served the load: its request rates over time, and its failures by whose they are.

use std::collections::BTreeMap;

use super::Summary;
use super::figures::{FailureCount, Figures};
use super::timeline::{Phase, Second};

/// The seconds over which a rate has to last to be sustained.
pub const SUSTAINED_S: usize = 10;

/// The request rates and failures of a run. They are computed from its timeline and its failures.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ServiceFigures {
    /// The most requests completed in one second of the measured window; `None` without a second in it.
    pub peak_rps: Option<f64>,
    /// The highest mean rate of completed requests over [`SUSTAINED_S`] consecutive seconds of the measured window; `None`
    /// if it is shorter.
    pub sustained_rps: Option<f64>,
    /// The share of requests that did not fail; `None` if none ended.
    pub availability: Option<f64>,
    /// The failed requests by group.
    pub failures: FailureGroups,
}

/// Failed requests by group.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FailureGroups {
    /// Answers with a status from 400 to 499.
    pub client_errors: u64,
    /// Answers with a status from 500 to 599.
    pub server_errors: u64,
    /// Timeouts of any phase.
    pub timeouts: u64,
    /// All others: connections, broken streams, failed checks, other statuses.
    pub others: u64,
}

impl Summary {
    /// Computes the request rates and failures of the measured window.
    #[must_use]
    pub fn service_figures(&self) -> ServiceFigures {
        ServiceFigures {
            peak_rps: highest_mean_rate(&self.timeline, 1),
            sustained_rps: highest_mean_rate(&self.timeline, SUSTAINED_S),
            availability: self.all.availability(),
            failures: FailureGroups::of(&self.all.failures),
        }
    }
}

impl Figures {
    /// Returns the share of requests that did not fail; `None` if none ended.
    #[must_use]
    pub fn availability(&self) -> Option<f64> {
        self.share(self.ended() - self.failed)
    }
}

impl FailureGroups {
    /// Groups failures by their kind.
    #[must_use]
    pub fn of(failures: &BTreeMap<String, FailureCount>) -> Self {
        let mut groups = Self::default();
        for (kind, FailureCount { count, .. }) in failures {
            let status = kind.strip_prefix("http_").and_then(|status| status.parse::<u16>().ok());
            let group = match status {
                Some(400..=499) => &mut groups.client_errors,
                Some(500..=599) => &mut groups.server_errors,
                _ if kind.starts_with("timeout_") => &mut groups.timeouts,
                _ => &mut groups.others,
            };
            *group = group.saturating_add(*count);
        }
        groups
    }

    /// Returns each group with its name and the name of its figure.
    #[must_use]
    pub fn named(&self) -> [(&'static str, &'static str, u64); 4] {
        [
            ("4xx", "failures_4xx", self.client_errors),
            ("5xx", "failures_5xx", self.server_errors),
            ("timeouts", "timeouts", self.timeouts),
            ("other", "other_failures", self.others),
        ]
    }
}

/// Returns the highest mean of requests completed per second over `seconds` consecutive measured seconds.
fn highest_mean_rate(timeline: &[Second], seconds: usize) -> Option<f64> {
    let measured = timeline.chunk_by(|one, next| one.phase == next.phase && one.at_s + 1 == next.at_s);
    measured
        .filter(|chunk| chunk.first().is_some_and(|second| second.phase == Phase::Measured))
        .flat_map(|chunk| chunk.windows(seconds))
        .map(|window| window.iter().map(|second| second.completed as f64).sum::<f64>() / seconds as f64)
        .max_by(f64::total_cmp)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn second(at_s: u64, completed: u64, phase: Phase) -> Second {
        Second { at_s, phase, completed, ..Second::default() }
    }

    #[test]
    fn highest_mean_rate_outside_the_window_does_not_count() {
        let mut timeline = vec![second(0, 900, Phase::WarmUp)];
        timeline.extend((1..=12).map(|at_s| second(at_s, 10 * at_s, Phase::Measured)));
        timeline.push(second(13, 900, Phase::CoolDown));
        assert_eq!(highest_mean_rate(&timeline, 1), Some(120.0));
        // Seconds 3 to 12.
        assert_eq!(highest_mean_rate(&timeline, SUSTAINED_S), Some(75.0));
    }

    #[test]
    fn highest_mean_rate_of_few_or_separate_seconds_is_unknown() {
        let short: Vec<Second> = (0..9).map(|at_s| second(at_s, 5, Phase::Measured)).collect();
        assert_eq!(highest_mean_rate(&short, SUSTAINED_S), None);
        let gap: Vec<Second> = (0..18).map(|at_s| second(at_s + at_s / 9, 5, Phase::Measured)).collect();
        assert_eq!(highest_mean_rate(&gap, SUSTAINED_S), None, "two times nine seconds");
        assert_eq!(highest_mean_rate(&[], 1), None);
    }

    #[test]
    fn of_failures_groups_by_status_and_timeout() {
        let kinds = [
            ("http_404", 1),
            ("http_429", 2),
            ("http_503", 4),
            ("http_307", 8),
            ("timeout_idle", 16),
            ("timeout_connect", 32),
            ("reset", 64),
            ("http_", 128),
        ];
        let failures =
            kinds.map(|(kind, count)| (kind.to_owned(), FailureCount { count, ..FailureCount::default() }));
        let groups = FailureGroups::of(&failures.into());
        let expected = FailureGroups { client_errors: 3, server_errors: 4, timeouts: 48, others: 200 };
        assert_eq!(groups, expected);
    }

    #[test]
    fn availability_counts_rate_limited_requests_as_served() {
        let figures = Figures { completed: 6, failed: 2, rate_limited: 2, ..Figures::default() };
        assert_eq!(figures.availability(), Some(0.8));
        assert_eq!(Figures::default().availability(), None);
    }
}
