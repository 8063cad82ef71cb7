//! When runs ran: at the same time, or one after another.

/// When a run began and how long it was.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Span {
    /// Seconds since 1970; a label has whole ones.
    pub(super) started_s: u64,
    pub(super) run_s: f64,
    pub(super) measured_s: f64,
    /// Of its timeline.
    pub(super) seconds: u64,
}

/// The position of a run in the merged run.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Placement {
    /// Runs with one number ran at the same time; groups are numbered in the order in which they ran.
    pub(super) group: usize,
    /// The offset of its first second in the merged timeline.
    pub(super) offset_s: u64,
    /// The weight of its rates: the share of its group's window in all windows.
    pub(super) weight: f64,
}

/// The positions of all runs.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Layout {
    /// In the order of the runs.
    pub(super) placements: Vec<Placement>,
    pub(super) run_s: f64,
    pub(super) measured_s: f64,
}

/// Runs that ran at the same time.
#[derive(Clone, Debug, Default)]
struct Group {
    members: Vec<usize>,
    started_s: u64,
    run_s: f64,
    measured_s: f64,
    seconds: u64,
}

impl Group {
    fn add(&mut self, member: usize, span: Span) {
        if self.members.is_empty() {
            self.started_s = span.started_s;
        }
        let later_s = span.started_s - self.started_s;
        self.members.push(member);
        self.run_s = self.run_s.max(later_s as f64 + span.run_s);
        self.measured_s = self.measured_s.max(span.measured_s);
        self.seconds = self.seconds.max(later_s + span.seconds);
    }

    /// Whether a run that began no earlier ran at the same time for more than half of the shorter run's duration, so that
    /// a label's missing fraction of a second does not make consecutive runs overlap.
    fn overlaps(&self, span: Span) -> bool {
        let later_s = (span.started_s - self.started_s) as f64;
        let shared_s = (self.run_s - later_s).min(span.run_s);
        shared_s > self.run_s.min(span.run_s) / 2.0
    }
}

pub(super) fn layout(spans: &[Span]) -> Layout {
    let mut in_order: Vec<(usize, Span)> = spans.iter().copied().enumerate().collect();
    in_order.sort_by_key(|(_, span)| span.started_s);
    let mut groups: Vec<Group> = Vec::new();
    for (member, span) in in_order {
        match groups.last_mut().filter(|group| group.overlaps(span)) {
            Some(group) => group.add(member, span),
            None => {
                let mut group = Group::default();
                group.add(member, span);
                groups.push(group);
            }
        }
    }
    let measured_s: f64 = groups.iter().map(|group| group.measured_s).sum();
    let mut placements = vec![Placement { group: 0, offset_s: 0, weight: 0.0 }; spans.len()];
    let mut base_s = 0;
    for (number, group) in groups.iter().enumerate() {
        let weight = if measured_s > 0.0 { group.measured_s / measured_s } else { 0.0 };
        for &member in &group.members {
            if let (Some(placement), Some(span)) = (placements.get_mut(member), spans.get(member)) {
                let offset_s = base_s + (span.started_s - group.started_s);
                *placement = Placement { group: number, offset_s, weight };
            }
        }
        base_s += group.seconds;
    }
    Layout { placements, run_s: groups.iter().map(|group| group.run_s).sum(), measured_s }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn span(started_s: u64, run_s: f64) -> Span {
        Span { started_s, run_s, measured_s: run_s, seconds: run_s.ceil() as u64 }
    }

    fn placements_of(spans: &[Span]) -> Vec<(usize, u64, f64)> {
        layout(spans).placements.iter().map(|place| (place.group, place.offset_s, place.weight)).collect()
    }

    #[test]
    fn layout_of_simultaneous_runs_weighs_each_in_full() {
        let spans = [span(101, 20.0), span(100, 20.4)];
        assert_eq!(placements_of(&spans), [(0, 1, 1.0), (0, 0, 1.0)]);
        let layout = layout(&spans);
        assert_eq!((layout.run_s, layout.measured_s), (21.0, 20.4));
    }

    #[test]
    fn layout_of_consecutive_runs_weighs_each_by_its_length() {
        let spans = [span(1_000, 30.0), span(100, 10.0)];
        assert_eq!(placements_of(&spans), [(1, 10, 0.75), (0, 0, 0.25)]);
        assert_eq!(layout(&spans).measured_s, 40.0);
    }

    #[test]
    fn layout_of_run_that_begins_as_another_ends_puts_it_after() {
        assert_eq!(placements_of(&[span(100, 10.9), span(110, 10.0)])[1].0, 1);
        let groups: Vec<usize> = placements_of(&[span(100, 10.0), span(100, 1.0), span(106, 10.0)])
            .into_iter()
            .map(|(group, ..)| group)
            .collect();
        assert_eq!(groups, [0, 0, 1]);
    }

    #[test]
    fn layout_of_runs_without_window_weighs_zero() {
        assert_eq!(
            placements_of(&[span(1, 0.0), span(1, 0.0)]).iter().map(|place| place.2).sum::<f64>(),
            0.0
        );
        assert!(layout(&[]).placements.is_empty());
    }
}
