//! Piecewise linear levels over time.

use std::time::Duration;

/// A piecewise linear level over time, of users or of a rate, from time 0. The last level is kept for ever.
///
/// Levels are not negative; a negative or NaN level counts as 0.
#[derive(Clone, Debug, PartialEq)]
pub struct Curve {
    /// Never empty; the last segment is infinite.
    segments: Vec<Segment>,
}

/// A linear segment of a [`Curve`].
#[derive(Copy, Clone, Debug, PartialEq)]
pub struct Segment {
    /// The start of the segment, in seconds from the start of the curve.
    pub start_s: f64,
    /// The length of the segment in seconds; infinite for the last one.
    pub length_s: f64,
    /// The level at the start of the segment.
    pub from: f64,
    /// The level at the end of the segment.
    pub to: f64,
    /// The area under all previous segments.
    area_before: f64,
}

impl Curve {
    /// Creates a constant curve, to which segments can be appended.
    #[must_use]
    pub fn constant(level: f64) -> Self {
        Self { segments: vec![Segment::endless(0.0, level.max(0.0), 0.0)] }
    }

    /// Appends a linear change from the current level to `to`.
    #[must_use]
    pub fn ramp(mut self, to: f64, over: Duration) -> Self {
        if over.is_zero() {
            return self.jump(to);
        }
        let last = self.pop_last();
        let segment = Segment { length_s: over.as_secs_f64(), to: to.max(0.0), ..last };
        self.segments.extend([
            segment,
            Segment::endless(segment.end_s(), segment.to, segment.area_until(segment.length_s)),
        ]);
        self
    }

    /// Changes the level at once.
    #[must_use]
    pub fn jump(mut self, to: f64) -> Self {
        let last = self.pop_last();
        self.segments.push(Segment::endless(last.start_s, to.max(0.0), last.area_before));
        self
    }

    /// Keeps the current level for `length`.
    #[must_use]
    pub fn hold(mut self, length: Duration) -> Self {
        if length.is_zero() {
            return self;
        }
        let last = self.pop_last();
        self.segments.push(last);
        self.ramp(last.to, length)
    }

    #[expect(
        clippy::expect_used,
        reason = "a curve is created with a segment, and each removed one is replaced"
    )]
    fn pop_last(&mut self) -> Segment {
        self.segments.pop().expect("a curve has a segment")
    }

    /// Returns the segment at `index`; each starts at the end of the previous one.
    #[must_use]
    pub fn segment(&self, index: usize) -> Option<Segment> {
        self.segments.get(index).copied()
    }

    /// The maximum level.
    #[must_use]
    pub fn max_level(&self) -> f64 {
        self.segments.iter().flat_map(|segment| [segment.from, segment.to]).fold(0.0, f64::max)
    }

    /// The level at `offset` from the start; at a jump, the level after it.
    #[must_use]
    pub fn level_at(&self, offset: Duration) -> f64 {
        let offset_s = offset.as_secs_f64();
        self.last_segment(|segment| segment.start_s <= offset_s)
            .map_or(0.0, |segment| segment.level_at(offset_s - segment.start_s))
    }

    /// The area under the curve until `offset`: the expected number of arrivals if the level is a rate.
    #[must_use]
    pub fn area_until(&self, offset: Duration) -> f64 {
        let offset_s = offset.as_secs_f64();
        self.last_segment(|segment| segment.start_s <= offset_s)
            .map_or(0.0, |segment| segment.area_until(offset_s - segment.start_s))
    }

    /// The offset from the start at which the area under the curve reaches `area`; `None` if it never does.
    ///
    /// Computed from the start each time, so that rounding errors do not accumulate.
    #[must_use]
    pub fn time_of_area(&self, area: f64) -> Option<Duration> {
        let segment = self.last_segment(|segment| segment.area_before <= area)?;
        let offset_s = segment.start_s + segment.time_of_area(area)?;
        Some(Duration::try_from_secs_f64(offset_s).unwrap_or(Duration::MAX))
    }

    /// The last segment that satisfies `holds`, which must be true for a prefix of the segments.
    fn last_segment(&self, holds: impl Fn(&Segment) -> bool) -> Option<&Segment> {
        let after = self.segments.partition_point(holds);
        self.segments.get(after.checked_sub(1)?)
    }
}

impl Segment {
    fn endless(start_s: f64, level: f64, area_before: f64) -> Self {
        Self { start_s, length_s: f64::INFINITY, from: level, to: level, area_before }
    }

    fn end_s(&self) -> f64 {
        self.start_s + self.length_s
    }

    /// The change of the level per second.
    fn slope(&self) -> f64 {
        (self.to - self.from) / self.length_s
    }

    fn level_at(&self, since_s: f64) -> f64 {
        (self.from + self.slope() * since_s).max(0.0)
    }

    fn area_until(&self, since_s: f64) -> f64 {
        self.area_before + (self.from + self.level_at(since_s)) / 2.0 * since_s
    }

    /// Returns seconds from the start of the segment.
    fn time_of_area(&self, area: f64) -> Option<f64> {
        let area = area - self.area_before;
        // The root of `from · t + slope / 2 · t² = area`, in the form that is numerically stable for small slopes.
        let root = (self.from * self.from + 2.0 * self.slope() * area).max(0.0).sqrt();
        let twice_mean = self.from + root;
        if twice_mean > 0.0 {
            return Some((2.0 * area / twice_mean).min(self.length_s));
        }
        // The level is zero at the start and the area does not grow: only an area of zero is reached, at once.
        self.length_s.is_finite().then_some(0.0)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const S: fn(u64) -> Duration = Duration::from_secs;

    /// Up to 50 in 10 s, constant for 20 s, a jump to 200 for 10 s, down to zero in 10 s.
    fn spike() -> Curve {
        Curve::constant(0.0).ramp(50.0, S(10)).hold(S(20)).jump(200.0).hold(S(10)).ramp(0.0, S(10))
    }

    #[test]
    fn level_and_area_of_spike() {
        let levels: Vec<f64> =
            [0, 5, 10, 29, 30, 39, 45, 50, 99].map(|s| spike().level_at(S(s))).into_iter().collect();
        assert_eq!(levels, [0.0, 25.0, 50.0, 50.0, 200.0, 200.0, 100.0, 0.0, 0.0]);
        let areas: Vec<f64> = [0, 5, 10, 30, 40, 50, 99].map(|s| spike().area_until(S(s))).into();
        assert_eq!(areas, [0.0, 62.5, 250.0, 1250.0, 3250.0, 4250.0, 4250.0]);
        assert_eq!(spike().max_level(), 200.0);
    }

    #[test]
    fn time_of_area_is_inverse_or_none() {
        let when = |area| spike().time_of_area(area);
        assert_eq!(when(0.0), Some(S(0)));
        assert_eq!(when(62.5), Some(S(5)));
        assert_eq!(when(750.0), Some(S(20)));
        assert_eq!(when(3250.0), Some(S(40)));
        assert_eq!(when(4251.0), None);
        // Nothing arrives while the rate is zero.
        let late = Curve::constant(0.0).hold(S(10)).jump(2.0);
        assert_eq!(
            (late.time_of_area(0.0), late.time_of_area(1.0)),
            (Some(S(10)), Some(Duration::from_millis(10_500)))
        );
        assert_eq!(Curve::constant(0.0).time_of_area(0.0), None);
    }

    #[test]
    fn invalid_level_counts_as_zero() {
        assert_eq!(Curve::constant(f64::NAN).ramp(-3.0, S(1)).level_at(S(1)), 0.0);
    }

    fn any_curve() -> impl Strategy<Value = Curve> {
        let step = (0..3_u8, 0.0..500.0_f64, 1..60_000_u64);
        (0.0..500.0_f64, proptest::collection::vec(step, 0..8)).prop_map(|(level, steps)| {
            steps.into_iter().fold(Curve::constant(level), |curve, (kind, to, ms)| match kind {
                0 => curve.jump(to),
                1 => curve.hold(Duration::from_millis(ms)),
                _ => curve.ramp(to, Duration::from_millis(ms)),
            })
        })
    }

    proptest! {
        #[test]
        fn time_of_area_inverts_area_until(curve in any_curve(), share in 0.0..1.0_f64) {
            let area = share * curve.area_until(S(600));
            if let Some(when) = curve.time_of_area(area) {
                let again = curve.area_until(when);
                prop_assert!((again - area).abs() <= 1e-6 * area.max(1.0), "{} became {}", area, again);
            } else {
                prop_assert!(curve.level_at(Duration::MAX) == 0.0);
            }
        }

        #[test]
        fn time_of_area_is_monotonic(curve in any_curve(), first in 0.0..1e4_f64, more in 0.0..100.0_f64) {
            let [first, second] = [first, first + more].map(|area| curve.time_of_area(area).unwrap_or(Duration::MAX));
            prop_assert!(first <= second);
        }
    }
}
