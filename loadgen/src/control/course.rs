//! Where the level of a load is to be.

use std::sync::Arc;
use std::time::{Duration, Instant};

use weir_pace::Curve;

use crate::engine::after;

/// The level of a load over time, of users or of a rate: as it was planned, or as it was changed last.
#[derive(Clone, Debug)]
pub(crate) struct Course {
    /// Where the curve begins.
    since: Instant,
    curve: Arc<Curve>,
    /// The area under what was before the last change.
    area_before: f64,
}

impl Course {
    pub(crate) fn new(epoch: Instant, curve: Curve) -> Self {
        Self { since: epoch, curve: Arc::new(curve), area_before: 0.0 }
    }

    /// The same up to `at`; from there to another level, at once or by so much a second.
    pub(crate) fn turned(&self, at: Instant, level: f64, per_second: Option<f64>) -> Self {
        let at = at.max(self.since);
        let offset = at - self.since;
        let now = self.curve.level_at(offset);
        let curve = match per_second {
            None => Curve::constant(level),
            Some(slope) => {
                let length = Duration::try_from_secs_f64((level - now).abs() / slope);
                Curve::constant(now).ramp(level, length.unwrap_or(Duration::MAX))
            }
        };
        let area_before = self.area_before + self.curve.area_until(offset);
        Self { since: at, curve: Arc::new(curve), area_before }
    }

    /// From when on it holds.
    pub(crate) fn since(&self) -> Instant {
        self.since
    }

    pub(crate) fn curve(&self) -> &Arc<Curve> {
        &self.curve
    }

    pub(crate) fn level_at(&self, at: Instant) -> f64 {
        self.curve.level_at(at.saturating_duration_since(self.since))
    }

    /// When the area under it, counted from the epoch, comes to `area`; for what is not long past.
    pub(crate) fn time_of_area(&self, area: f64) -> Instant {
        let offset = self.curve.time_of_area((area - self.area_before).max(0.0));
        after(self.since, offset.unwrap_or(Duration::MAX))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const S: fn(u64) -> Duration = Duration::from_secs;

    #[test]
    fn a_change_goes_on_from_where_the_level_is() {
        let epoch = Instant::now();
        let course = Course::new(epoch, Curve::constant(0.0).ramp(100.0, S(10)));
        let turned = course.turned(epoch + S(5), 20.0, Some(10.0));
        let levels = [5, 6, 8, 9].map(|s| turned.level_at(epoch + S(s)));
        assert_eq!(levels, [50.0, 40.0, 20.0, 20.0]);
        assert_eq!(course.turned(epoch + S(5), 20.0, None).level_at(epoch + S(5)), 20.0);
        assert_eq!(
            course.turned(epoch - S(1), 20.0, None).since(),
            epoch,
            "nothing changes before the beginning"
        );
    }

    #[test]
    fn no_arrival_is_lost_or_doubled_by_a_change() {
        let epoch = Instant::now();
        let course = Course::new(epoch, Curve::constant(10.0));
        let turned = course.turned(epoch + S(3), 20.0, None).turned(epoch + S(5), 1.0, None);
        // 30 in the first three seconds, 40 in the next two, and then one a second.
        assert_eq!(turned.time_of_area(70.0), epoch + S(5));
        assert_eq!(turned.time_of_area(75.0), epoch + S(10));
    }
}
