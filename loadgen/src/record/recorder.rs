//! The figures of one worker since its last report.

use std::sync::Arc;
use std::time::{Duration, Instant};

use weir_results::{ArrivalCounts, Histogram, RequestLimits};

use super::Series;
use super::failure::Problem;
use super::gaps::StreamGaps;
use super::sample::{Sample, Verdict};
use super::turn::TurnRecord;
use crate::redact::Redaction;

/// Records samples in the series of their tasks, separately for the measured window and for warm-up and cool-down.
#[derive(Debug)]
pub(crate) struct Recorder {
    tasks: usize,
    /// Requests scheduled earlier belong to the warm-up.
    warm_until: Instant,
    /// Requests scheduled at this instant or later belong to the cool-down, if there is one.
    cool_from: Option<Instant>,
    /// The end of the load; `None` before.
    closed_at: Option<Instant>,
    /// The sets of limits; the requests that meet each are counted.
    goals: Arc<[RequestLimits]>,
    interval: Interval,
}

/// Everything recorded since the last report.
#[derive(Clone, Debug, Default)]
pub(crate) struct Interval {
    /// The series of warm-up and cool-down, by task.
    pub(crate) outside: Vec<Series>,
    /// The series of the measured window, by task.
    pub(crate) measured: Vec<Series>,
    pub(crate) started: u64,
    /// The delays of starts after their schedule, in the measured window.
    pub(crate) lateness: Histogram,
    pub(crate) loop_lag: Histogram,
    pub(crate) arrivals: ArrivalCounts,
    /// Conversations whose beginning was left out.
    pub(crate) shortened: u64,
}

impl Recorder {
    pub(crate) fn new(tasks: usize, warm_until: Instant) -> Self {
        let (cool_from, closed_at) = (None, None);
        Self { tasks, warm_until, cool_from, closed_at, goals: Arc::default(), interval: Interval::of(tasks) }
    }

    /// Returns this recorder, counting the requests that meet each of these sets of limits.
    pub(crate) fn with_goals(self, goals: Arc<[RequestLimits]>) -> Self {
        Self { goals, ..self }
    }

    /// Returns this recorder with a cool-down from this instant.
    pub(crate) fn with_cool_down(self, cool_from: Option<Instant>) -> Self {
        Self { cool_from, ..self }
    }

    /// Ends the load: no requests start after `at`.
    pub(crate) fn close(&mut self, at: Instant) {
        self.closed_at.get_or_insert(at);
    }

    /// Returns the end of the measured window, or `None` while it is not known.
    pub(crate) fn window_end(&self) -> Option<Instant> {
        [self.cool_from, self.closed_at].into_iter().flatten().min()
    }

    pub(crate) fn is_measured(&self, intended: Instant) -> bool {
        intended >= self.warm_until && self.cool_from.is_none_or(|cool_from| intended < cool_from)
    }

    /// Records a request; `redaction` is that of its failure.
    pub(crate) fn record(&mut self, task: usize, sample: &Sample, redaction: Redaction<'_>) {
        let (from, to) = (self.warm_until, self.window_end());
        let is_measured = self.is_measured(sample.intended);
        let Some(series) = self.interval.series(task, is_measured) else { return };
        series.in_window.record(sample, from, to);
        series.record(sample, redaction);
        if matches!(sample.verdict, Verdict::Completed) {
            if self.goals.is_empty() {
                return;
            }
            let durations = sample.durations();
            let met = self.goals.iter().enumerate().filter(|(_, limits)| limits.met_by(&durations));
            met.for_each(|(index, _)| series.count_good(index));
        }
    }

    /// Records a failed attempt of a request scheduled at `intended` that is followed by another.
    pub(crate) fn record_failed_attempt(
        &mut self,
        task: usize,
        intended: Instant,
        problem: &Problem,
        at: Instant,
        redaction: Redaction<'_>,
    ) {
        let is_measured = self.is_measured(intended);
        if let Some(series) = self.interval.series(task, is_measured) {
            series.record_failed_attempt(problem, at, redaction);
        }
    }

    /// Records the gaps of a completed stream scheduled at `intended`.
    pub(crate) fn record_gaps(&mut self, task: usize, intended: Instant, gaps: &StreamGaps) {
        let is_measured = self.is_measured(intended);
        if let Some(series) = self.interval.series(task, is_measured) {
            series.record_gaps(gaps);
        }
    }

    pub(crate) fn record_start(&mut self) {
        self.interval.started += 1;
    }

    /// Records that a request scheduled at `intended` started at `at`, delayed only by the load generator.
    pub(crate) fn record_lateness(&mut self, intended: Instant, at: Instant) {
        if self.is_measured(intended) {
            self.interval.lateness.record(at - intended);
        }
    }

    pub(crate) fn record_loop_lag(&mut self, intended: Instant, lag: &Histogram) {
        if self.is_measured(intended) {
            self.interval.loop_lag.merge(lag);
        }
    }

    /// Records a turn of a conversation that began at `began`, from its first request to its last answer.
    pub(crate) fn record_turn(&mut self, task: usize, began: Instant, took: Duration, turn: &TurnRecord) {
        let is_measured = self.is_measured(began);
        if let Some(series) = self.interval.series(task, is_measured) {
            series.record_turn(took, turn);
        }
    }

    /// Counts a conversation whose beginning was left out because it was too long.
    pub(crate) fn record_shortened(&mut self) {
        self.interval.shortened += 1;
    }

    pub(crate) fn arrivals(&mut self) -> &mut ArrivalCounts {
        &mut self.interval.arrivals
    }

    /// Returns everything recorded since the last call.
    pub(crate) fn take(&mut self) -> Interval {
        std::mem::replace(&mut self.interval, Interval::of(self.tasks))
    }

    /// Takes back an interval that could not be sent, to send it with the next one.
    pub(crate) fn take_back(&mut self, mut interval: Interval) {
        std::mem::swap(&mut interval, &mut self.interval);
        self.interval.merge(&interval);
    }
}

impl Interval {
    pub(crate) fn of(tasks: usize) -> Self {
        let empty = || vec![Series::default(); tasks];
        Self { outside: empty(), measured: empty(), ..Self::default() }
    }

    fn series(&mut self, task: usize, is_measured: bool) -> Option<&mut Series> {
        let series = if is_measured { &mut self.measured } else { &mut self.outside };
        series.get_mut(task)
    }

    pub(crate) fn merge(&mut self, other: &Interval) {
        for (ours, theirs) in [(&mut self.outside, &other.outside), (&mut self.measured, &other.measured)] {
            ours.iter_mut().zip(theirs).for_each(|(ours, theirs)| ours.merge(theirs));
        }
        self.started += other.started;
        self.lateness.merge(&other.lateness);
        self.loop_lag.merge(&other.loop_lag);
        self.arrivals.merge(&other.arrivals);
        self.shortened += other.shortened;
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::record::Answer;

    fn sample(intended: Instant, ended: Instant) -> Sample {
        Sample {
            intended,
            sent: Some(intended),
            first_byte: None,
            ended,
            bytes_sent: 0,
            sending: crate::record::Sending::default(),
            answer: Answer::default(),
            verdict: Verdict::Completed,
        }
    }

    #[test]
    fn record_warm_up_is_separate_and_window_has_two_edges() {
        let start = Instant::now();
        let second = |s: u64| start + Duration::from_secs(s);
        let mut recorder = Recorder::new(1, second(10));
        recorder.record(0, &sample(second(1), second(2)), Redaction::without_secrets());
        recorder.record(0, &sample(second(9), second(11)), Redaction::without_secrets());
        recorder.record(0, &sample(second(12), second(19)), Redaction::without_secrets());
        recorder.close(second(20));
        recorder.record(0, &sample(second(18), second(23)), Redaction::without_secrets());
        let interval = recorder.take();
        let (warm_up, measured) = (&interval.outside[0], &interval.measured[0]);
        assert_eq!((warm_up.ended(), measured.ended()), (2, 2));
        let mut in_window = warm_up.in_window;
        in_window.merge(&measured.in_window);
        // Half of the second one, the whole third one, and two fifths of the last.
        assert!((in_window.completed - 1.9).abs() < 1e-9, "{in_window:?}");
        assert_eq!((in_window.first_start, in_window.last_end), (Some(second(10)), Some(second(23))));
        assert_eq!(recorder.take().measured[0].ended(), 0);
    }

    #[test]
    fn record_cool_down_is_separate_and_ends_window() {
        let start = Instant::now();
        let second = |s: u64| start + Duration::from_secs(s);
        let mut recorder = Recorder::new(1, second(2)).with_cool_down(Some(second(8)));
        recorder.record(0, &sample(second(7), second(9)), Redaction::without_secrets());
        recorder.record(0, &sample(second(8), second(9)), Redaction::without_secrets());
        assert_eq!(recorder.window_end(), Some(second(8)));
        let interval = recorder.take();
        assert_eq!((interval.outside[0].ended(), interval.measured[0].ended()), (1, 1));
        let mut in_window = interval.outside[0].in_window;
        in_window.merge(&interval.measured[0].in_window);
        assert!((in_window.completed - 0.5).abs() < 1e-9, "{in_window:?}");
        // A run that is stopped earlier has no cool-down.
        recorder.close(second(5));
        assert_eq!(recorder.window_end(), Some(second(5)));
    }

    #[test]
    fn record_requests_that_meet_limits_are_counted_by_index() {
        let start = Instant::now();
        let limits =
            ["e2e < 1s", "e2e < 3s", "ttft < 1h"].map(|limits| RequestLimits::parse(limits).unwrap());
        let mut recorder = Recorder::new(1, start).with_goals(Arc::new(limits));
        let after = |seconds| sample(start, start + Duration::from_secs(seconds));
        recorder.record(0, &after(2), Redaction::without_secrets());
        let earlier = recorder.take();
        recorder.record(0, &after(0), Redaction::without_secrets());
        recorder.record(0, &after(5), Redaction::without_secrets());
        recorder.record(
            0,
            &Sample { verdict: Verdict::RateLimited, ..after(0) },
            Redaction::without_secrets(),
        );
        recorder.take_back(earlier);
        let interval = recorder.take();
        assert_eq!([0, 1, 2].map(|index| interval.measured[0].good(index)), [1, 2, 0]);
    }

    #[test]
    fn take_back_interval_is_part_of_next_one() {
        let start = Instant::now();
        let mut recorder = Recorder::new(1, start);
        recorder.record(0, &sample(start, start), Redaction::without_secrets());
        let interval = recorder.take();
        recorder.record(0, &sample(start, start), Redaction::without_secrets());
        recorder.take_back(interval);
        assert_eq!(recorder.take().measured[0].ended(), 2);
    }
}
