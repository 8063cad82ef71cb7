//! The planned level of a load over time.

use std::sync::Arc;
use std::time::{Duration, Instant};

use weir_pace::{Curve, instant_after};

/// The level of a load over time, in users or arrivals per second: as planned, or since its last change.
#[derive(Clone, Debug)]
pub(crate) struct LoadProfile {
    /// The instant at which the curve begins.
    since: Instant,
    curve: Arc<Curve>,
    /// The area under the profile before the last change.
    area_before: f64,
}

impl LoadProfile {
    pub(crate) fn new(epoch: Instant, curve: Curve) -> Self {
        Self { since: epoch, curve: Arc::new(curve), area_before: 0.0 }
    }

    /// Returns this profile up to `at`, followed by a change to `level`, at once or by `per_second`.
    pub(crate) fn changed_at(&self, at: Instant, level: f64, per_second: Option<f64>) -> Self {
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

    /// The instant from which the profile applies.
    pub(crate) fn since(&self) -> Instant {
        self.since
    }

    pub(crate) fn curve(&self) -> &Arc<Curve> {
        &self.curve
    }

    pub(crate) fn level_at(&self, at: Instant) -> f64 {
        self.curve.level_at(at.saturating_duration_since(self.since))
    }

    /// Returns the instant at which the area under the profile, counted from the epoch, reaches `area`. Only areas since
    /// the last change are exact.
    pub(crate) fn time_of_area(&self, area: f64) -> Instant {
        let offset = self.curve.time_of_area((area - self.area_before).max(0.0));
        instant_after(self.since, offset.unwrap_or(Duration::MAX))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const S: fn(u64) -> Duration = Duration::from_secs;

    #[test]
    fn changed_at_ramp_starts_from_current_level() {
        let epoch = Instant::now();
        let profile = LoadProfile::new(epoch, Curve::constant(0.0).ramp(100.0, S(10)));
        let changed = profile.changed_at(epoch + S(5), 20.0, Some(10.0));
        let levels = [5, 6, 8, 9].map(|s| changed.level_at(epoch + S(s)));
        assert_eq!(levels, [50.0, 40.0, 20.0, 20.0]);
        assert_eq!(profile.changed_at(epoch + S(5), 20.0, None).level_at(epoch + S(5)), 20.0);
        assert_eq!(
            profile.changed_at(epoch - S(1), 20.0, None).since(),
            epoch,
            "no change before the beginning"
        );
    }

    #[test]
    fn time_of_area_after_changes_loses_no_arrival() {
        let epoch = Instant::now();
        let profile = LoadProfile::new(epoch, Curve::constant(10.0));
        let changed = profile.changed_at(epoch + S(3), 20.0, None).changed_at(epoch + S(5), 1.0, None);
        // 30 in the first three seconds, 40 in the next two, and then one a second.
        assert_eq!(changed.time_of_area(70.0), epoch + S(5));
        assert_eq!(changed.time_of_area(75.0), epoch + S(10));
    }
}
